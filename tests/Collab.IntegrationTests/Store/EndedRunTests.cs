using System.Text;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>A run ends where its last event gets its number: in the store, so for every server at once.</summary>
[Collection(SharedPostgres.Name)]
public sealed class EndedRunTests(PostgresFixture postgres)
{
    public static TheoryData<StoreKind> Stores => [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory, MemberData(nameof(Stores))]
    public async Task What_comes_behind_the_end_in_one_batch_is_refused_and_other_runs_go_on(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, other, twice) = (Guid.NewGuid(), Guid.NewGuid(), Guid.CreateVersion7());

        // One batch: the writer begins when all of it is queued.
        Task<PublishAck>[] before = [Append(store, run), Append(store, other), store.Log.AppendAsync(End(run)).AsTask()];
        Task<PublishAck>[] late =
        [
            Append(store, run), store.Log.AppendAsync(End(run)).AsTask(), store.Log.AppendAsync(StoreUnderTest.Append(run, twice)).AsTask(),
            store.Log.AppendAsync(StoreUnderTest.Append(run, twice)).AsTask(),
        ];
        var group = store.Log.Append([StoreUnderTest.Append(run), StoreUnderTest.Append(run)], isAtomic: true);
        var after = Append(store, other);
        await store.Log.StartAsync(CancellationToken.None);

        Assert.Equal([1, 1, 2], (await Task.WhenAll(before).WaitAsync(Patience.Default)).Select(a => a.SequenceNumber!.Value));
        foreach (var refused in late) Assert.Equal(CollabErrorCode.RunEnded, await CodeOf(refused));
        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.RunEnded, group.Refusal()?.Code);
        Assert.Equal(2, (await after.WaitAsync(Patience.Default)).SequenceNumber);
        var stored = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
        Assert.Equal((2L, true), (stored.LastSequence, stored.HasEnded));
        Assert.False((await store.Store.LoadAsync(other, 0, 1000, CancellationToken.None)).HasEnded);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_repeat_of_what_was_stored_before_the_end_is_answered_and_so_is_that_of_the_end(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        var (first, end) = (StoreUnderTest.Append(run), End(run));
        // As another server would do it: this one's writer knows nothing of them.
        await using (var appender = store.Store.CreateAppender()) await appender.AppendAsync(new([first, end], 1), CancellationToken.None);

        Assert.Equal((1L, true), Of(await store.Log.AppendAsync(first).AsTask().WaitAsync(Patience.Default)));
        Assert.Equal((2L, true), Of(await store.Log.AppendAsync(end).AsTask().WaitAsync(Patience.Default)));
        Assert.Equal(CollabErrorCode.RunEnded, await CodeOf(Append(store, run)));
        // In one statement with others, repeats of a batch are told from what comes too late.
        var group = store.Log.Append([first, StoreUnderTest.Append(run), end], isAtomic: false);
        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal([null, CollabErrorCode.RunEnded, null], group.Members.Select(m => m.Refusal?.Code));
        Assert.Equal(2, (await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).LastSequence);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task An_end_whose_id_is_anothers_ends_nothing(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());
        await using (var appender = store.Store.CreateAppender())
            await appender.AppendAsync(new([StoreUnderTest.Append(run, id)], 1), CancellationToken.None);

        var end = store.Log.AppendAsync(End(run) with { MessageId = id }).AsTask();
        var behind = Append(store, run);
        await store.Log.StartAsync(CancellationToken.None);

        Assert.Equal(CollabErrorCode.InvalidEvent, await CodeOf(end));
        Assert.Equal(2, (await behind.WaitAsync(Patience.Default)).SequenceNumber);
        Assert.False((await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).HasEnded);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task The_end_stays_when_its_event_is_trimmed_and_goes_when_the_run_is_erased(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        await Append(store, run).WaitAsync(Patience.Default);
        await store.Log.AppendAsync(End(run)).AsTask().WaitAsync(Patience.Default);

        Assert.Equal(2, await store.Store.TrimAsync(run, keep: 0, slack: 0, CancellationToken.None));
        var trimmed = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
        Assert.Empty(trimmed.Events);
        Assert.True(trimmed.HasEnded);
        Assert.Contains("\"ended\":true", Encoding.UTF8.GetString((await store.Feeds.GetAsync(run, CancellationToken.None)).State), StringComparison.Ordinal);
        Assert.Equal(CollabErrorCode.RunEnded, await CodeOf(Append(store, run)));

        await store.Log.EraseAsync(run, CancellationToken.None);
        Assert.Equal(1, (await Append(store, run).WaitAsync(Patience.Default)).SequenceNumber);
        var begun = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
        Assert.False(begun.HasEnded);
        Assert.NotEqual(trimmed.Epoch, begun.Epoch);
    }

    /// <summary>While versions run together, a server that does not know the column leaves what was in it.</summary>
    [Theory, MemberData(nameof(Stores))]
    public async Task A_run_that_an_older_server_has_erased_goes_on(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        for (var i = 0; i < 4; i++) await Append(store, run).WaitAsync(Patience.Default);
        await store.Log.AppendAsync(End(run)).AsTask().WaitAsync(Patience.Default);
        await store.ExecuteAsync("DELETE FROM persisted_collaboration_messages");
        await store.ExecuteAsync("UPDATE collaboration_runs SET last_sequence = 0, folded_sequence = 0, folded_state = '{}'");

        Assert.False((await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).HasEnded);
        for (var i = 1; i <= 6; i++) Assert.Equal(i, (await Append(store, run).WaitAsync(Patience.Default)).SequenceNumber);
        Assert.False((await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).HasEnded);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task The_list_tells_runs_that_have_ended_from_those_that_go_on(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var (ended, open) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var run in (Guid[])[ended, open]) await Append(store, run).WaitAsync(Patience.Default);
        await store.Log.AppendAsync(End(ended)).AsTask().WaitAsync(Patience.Default);

        foreach (var filter in (bool?[])[null, true, false])
        {
            var runs = await store.Store.ListAsync(new(Only: null, Before: null, 10) { Ended = filter }, CancellationToken.None);
            Assert.Equal(filter is null ? 2 : 1, runs.Count);
            Assert.All(runs, run => Assert.Equal(run.RunId == ended, run.IsEnded));
            if (filter is { } only) Assert.Equal(only, runs[0].IsEnded);
        }
    }

    [Fact]
    public async Task Of_two_servers_that_write_and_end_one_run_at_once_nothing_is_stored_behind_the_end()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = StoreUnderTest.On(database);
        await using var other = StoreUnderTest.On(database);
        await one.Store.MigrateAsync(CancellationToken.None);
        await one.Log.StartAsync(CancellationToken.None);
        await other.Log.StartAsync(CancellationToken.None);
        for (var round = 0; round < 20; round++)
        {
            var run = Guid.NewGuid();
            var writing = Enumerable.Range(0, 40).Select(n => CodeOrNull(Append(n % 2 == 0 ? one : other, run))).ToArray();
            var ends = await Task.WhenAll(
                CodeOrNull(one.Log.AppendAsync(End(run)).AsTask()), CodeOrNull(other.Log.AppendAsync(End(run)).AsTask()));
            var codes = await Task.WhenAll(writing).WaitAsync(Patience.Default);

            Assert.Equal([null, CollabErrorCode.RunEnded], ends.Order());
            Assert.All(codes, code => Assert.True(code is null or CollabErrorCode.RunEnded, $"{code}"));
            var stored = await one.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
            Assert.Equal(codes.Count(code => code is null) + 1, stored.LastSequence);
            Assert.True(stored.HasEnded);
            Assert.Equal(EventTypes.RunEnd, stored.Events.Last().EventType);
        }
    }

    private static Append End(Guid run) => new(run, Guid.CreateVersion7(), EventTypes.RunEnd, "alice", UserName: null, "{}"u8.ToArray());

    private static Task<PublishAck> Append(StoreUnderTest store, Guid run) => store.Log.AppendAsync(StoreUnderTest.Append(run)).AsTask();

    private static (long, bool) Of(PublishAck ack) => (ack.SequenceNumber!.Value, ack.Duplicate);

    private static async Task<CollabErrorCode> CodeOf(Task<PublishAck> publish) =>
        (await Assert.ThrowsAsync<AspNetCore.Refusals.RefusedException>(() => publish.WaitAsync(Patience.Default))).Code;

    private static async Task<CollabErrorCode?> CodeOrNull(Task<PublishAck> publish)
    {
        try
        {
            await publish.WaitAsync(Patience.Default);
            return null;
        }
        catch (AspNetCore.Refusals.RefusedException refusal)
        {
            return refusal.Code;
        }
    }

    private async Task<StoreUnderTest> StartAsync(StoreKind kind)
    {
        var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        return store;
    }
}
