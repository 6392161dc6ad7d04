using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>Groups of events on real stores: whole, side by side, and safe to send again.</summary>
[Collection(SharedPostgres.Name)]
public sealed class GroupTests(PostgresFixture postgres)
{
    public static TheoryData<StoreKind> Stores => [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory, MemberData(nameof(Stores))]
    public async Task The_numbers_of_a_group_are_in_a_row_whatever_is_published_beside_it(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        Guid[] runs = [Guid.NewGuid(), Guid.NewGuid()];
        var singles = new List<Task<PublishAck>>();
        var groups = new List<AppendGroup>();
        for (var i = 0; i < 200; i++)
        {
            singles.Add(store.Log.AppendAsync(StoreUnderTest.Append(runs[i % 2])).AsTask());
            if (i % 10 == 0) groups.Add(store.Log.Append(Many(runs[i / 10 % 2], 1 + (i / 4)), isAtomic: i % 20 == 0));
        }

        await Task.WhenAll(singles).WaitAsync(Patience.Default);
        foreach (var group in groups)
        {
            await group.Completion.WaitAsync(Patience.Default);
            var numbers = group.Members.Select(m => m.Ack().SequenceNumber!.Value).ToArray();
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(n => numbers[0] + n), numbers);
        }
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task An_atomic_group_with_an_id_that_only_the_store_knows_as_anothers_is_refused_whole(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());
        await CommitAsync(store, StoreUnderTest.Append(run, id));
        Append[] appends = [.. Many(run, 3), StoreUnderTest.Append(run, id, user: "mallory"), .. Many(run, 2)];

        // One batch: what is refused fails nobody else.
        var before = store.Log.AppendAsync(StoreUnderTest.Append(run)).AsTask();
        var group = store.Log.Append(appends, isAtomic: true);
        var other = store.Log.Append(Many(run, 2), isAtomic: true);
        await store.Log.StartAsync(CancellationToken.None);

        await other.Completion.WaitAsync(Patience.Default);
        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.InvalidEvent, group.Refusal()?.Code);
        Assert.StartsWith("events[3]: messageId", group.Refusal()!.Detail, StringComparison.Ordinal);
        Assert.Equal(2, (await before).SequenceNumber);
        Assert.Equal([3L, 4L], other.Members.Select(m => m.Ack().SequenceNumber!.Value));
        var stored = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
        Assert.Equal([1L, 2L, 3L, 4L], stored.Events.Select(e => e.Sequence));
        Assert.Equal(4, stored.LastSequence);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_group_that_is_not_atomic_goes_in_without_the_one_whose_id_another_has(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());
        await CommitAsync(store, StoreUnderTest.Append(run, id));

        var group = store.Log.Append([.. Many(run, 1), StoreUnderTest.Append(run, id, user: "mallory"), .. Many(run, 1)], isAtomic: false);

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal([null, CollabErrorCode.InvalidEvent, null], group.Members.Select(m => m.Refusal?.Code));
        Assert.Equal([2L, 3L], group.Members.Where(m => !m.IsRefused).Select(m => m.Ack().SequenceNumber!.Value));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_group_sent_again_is_answered_with_the_same_numbers_and_what_was_missing_is_added(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        var appends = Many(run, 5);
        // As if the outcome had not been heard of: this server knows nothing of it.
        await CommitAsync(store, appends[..3]);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var group = store.Log.Append(appends, isAtomic: true);
            await group.Completion.WaitAsync(Patience.Default);

            Assert.Null(group.Refusal());
            Assert.Equal([1L, 2L, 3L, 4L, 5L], group.Members.Select(m => m.Ack().SequenceNumber!.Value));
            Assert.All(group.Members.Take(3), m => Assert.True(m.Ack().Duplicate));
        }
        Assert.Equal(5, (await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).LastSequence);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task An_event_that_the_store_cannot_hold_takes_its_atomic_group_with_it(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();

        var group = store.Log.Append([.. Many(run, 2), StoreUnderTest.Append(run, user: null!), .. Many(run, 2)], isAtomic: true);
        var after = store.Log.AppendAsync(StoreUnderTest.Append(run));

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.InvalidEvent, group.Refusal()?.Code);
        Assert.Equal(1, (await after).SequenceNumber);
    }

    [Fact]
    public async Task Each_event_of_a_group_has_its_place_in_the_queue_of_the_server()
    {
        await using var store = await StoreUnderTest.CreateAsync(StoreKind.Sqlite, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var run = Guid.NewGuid();
        var groups = Enumerable.Range(0, 99).Select(_ => store.Log.Append(Many(run, 100), isAtomic: true)).ToList();

        Assert.Equal(CollabErrorCode.Overloaded, Refusal(() => store.Log.Append(Many(run, 101), isAtomic: true)));
        groups.Add(store.Log.Append(Many(run, 100), isAtomic: false));
        Assert.Equal(10_000, store.Log.Pending);
        Assert.Equal(CollabErrorCode.Overloaded, Refusal(() => _ = store.Log.AppendAsync(StoreUnderTest.Append(run)).AsTask()));

        await store.Log.StartAsync(CancellationToken.None);
        foreach (var group in groups) await group.Completion.WaitAsync(Patience.Default);
        await Eventually.TrueAsync(() => store.Log.Pending == 0);
    }

    private static Append[] Many(Guid run, int count) => [.. Enumerable.Range(0, count).Select(_ => StoreUnderTest.Append(run))];

    private static CollabErrorCode Refusal(Action append) => Assert.Throws<AspNetCore.Refusals.RefusedException>(append).Code;

    private static async Task CommitAsync(StoreUnderTest store, params Append[] appends)
    {
        await using var other = store.Store.CreateAppender();
        await other.AppendAsync(new(appends, 1_760_000_000_000), CancellationToken.None);
    }

    private async Task<StoreUnderTest> StartAsync(StoreKind kind)
    {
        var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        return store;
    }
}
