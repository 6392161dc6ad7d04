using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>A repeat is the same event again. Another user's id, or one's own on another type of event, makes no repeat: it is refused and says so.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ForeignMessageIdTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_id_that_another_event_has_is_refused(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());
        var first = await store.Log.AppendAsync(StoreUnderTest.Append(run, id));

        await AssertRefusedAsync(store, StoreUnderTest.Append(run, id, user: "mallory"));
        await AssertRefusedAsync(store, StoreUnderTest.Append(run, id, type: EventTypes.Flag));

        Assert.Equal(first with { Duplicate = true }, await store.Log.AppendAsync(StoreUnderTest.Append(run, id)));
        Assert.Equal(2, (await store.Log.AppendAsync(StoreUnderTest.Append(run))).SequenceNumber);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task So_it_is_where_only_the_store_remembers_the_event(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());
        await using (var other = store.Store.CreateAppender()) await other.AppendAsync(new([StoreUnderTest.Append(run, id)], 1_760_000_000_000), CancellationToken.None);

        // One batch: what is refused fails nobody else.
        var (before, foreign, after) = (StoreUnderTest.Append(run), StoreUnderTest.Append(run, id, user: "mallory"), StoreUnderTest.Append(run));
        var acks = new[] { before, foreign, after }.Select(a => store.Log.AppendAsync(a).AsTask()).ToArray();
        await store.Log.StartAsync(CancellationToken.None);

        Assert.Equal(2, (await acks[0]).SequenceNumber);
        Assert.Equal(3, (await acks[2]).SequenceNumber);
        Assert.Equal(CollabErrorCode.InvalidEvent, (await Assert.ThrowsAsync<RefusedException>(() => acks[1])).Code);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task So_it_is_within_one_batch(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());

        var acks = new[] { StoreUnderTest.Append(run, id), StoreUnderTest.Append(run, id, user: "mallory"), StoreUnderTest.Append(run, id) }
            .Select(a => store.Log.AppendAsync(a).AsTask()).ToArray();
        await store.Log.StartAsync(CancellationToken.None);

        Assert.Equal((1, false), ((await acks[0]).SequenceNumber, (await acks[0]).Duplicate));
        Assert.Equal(CollabErrorCode.InvalidEvent, (await Assert.ThrowsAsync<RefusedException>(() => acks[1])).Code);
        Assert.Equal((1, true), ((await acks[2]).SequenceNumber, (await acks[2]).Duplicate));
    }

    [Fact]
    public async Task A_repeat_of_what_was_erased_on_another_server_is_no_repeat()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var first = StoreUnderTest.On(database);
        await using var second = StoreUnderTest.On(database);
        await first.Store.MigrateAsync(CancellationToken.None);
        await first.Log.StartAsync(CancellationToken.None);
        var (run, id) = (Guid.NewGuid(), Guid.CreateVersion7());
        await first.Feeds.GetAsync(run, CancellationToken.None);
        await first.Log.AppendAsync(StoreUnderTest.Append(run));
        await first.Log.AppendAsync(StoreUnderTest.Append(run, id));

        await second.Log.EraseAsync(run, CancellationToken.None);

        var again = await first.Log.AppendAsync(StoreUnderTest.Append(run, id));
        Assert.Equal((1, false), (again.SequenceNumber, again.Duplicate));
    }

    private static async Task AssertRefusedAsync(StoreUnderTest store, Append append)
    {
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => store.Log.AppendAsync(append).AsTask());
        Assert.Equal(CollabErrorCode.InvalidEvent, refusal.Code);
        Assert.Contains("messageId", refusal.Message, StringComparison.Ordinal);
    }
}
