using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>
/// Validation keeps what a store cannot hold out of a batch. Should something slip through all the same, it fails alone: its neighbours in the
/// batch are committed, in order and without a gap.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class RejectedEventTests(PostgresFixture postgres)
{
    private const string Hostile = "hostile";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_event_that_the_database_refuses_fails_alone(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.ExecuteAsync(kind == StoreKind.Postgres
            ? $"ALTER TABLE persisted_collaboration_messages ADD CHECK (user_id <> '{Hostile}')"
            : $"CREATE TRIGGER refuse BEFORE INSERT ON persisted_collaboration_messages WHEN NEW.user_id = '{Hostile}' BEGIN SELECT RAISE(ABORT, 'no'); END");

        await AssertFailsAloneAsync(store, run => StoreUnderTest.Append(run, Hostile));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_event_that_the_driver_refuses_fails_alone(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);

        await AssertFailsAloneAsync(store, run => StoreUnderTest.Append(run, user: null!));
    }

    [Theory]
    [InlineData("{not json", "alice")]
    [InlineData("""{"after":"\u0000","agentName":"a"}""", "alice")]
    [InlineData("""{"after":"PM","agentName":"\ud800"}""", "alice")]
    [InlineData("""{"after":"PM","agentName":"a"}""", "al\0ice")]
    public async Task What_PostgreSQL_cannot_hold_fails_alone(string data, string user)
    {
        await using var store = await StoreUnderTest.CreateAsync(StoreKind.Postgres, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);

        await AssertFailsAloneAsync(store, run => StoreUnderTest.Append(run, user, data));
    }

    /// <summary>Two bad events among 40 good ones of two runs, queued before the log starts, so that they are one batch.</summary>
    private static async Task AssertFailsAloneAsync(StoreUnderTest store, Func<Guid, Append> bad)
    {
        Guid[] runs = [Guid.NewGuid(), Guid.NewGuid()];
        var good = Enumerable.Range(0, 40).Select(n => StoreUnderTest.Append(runs[n % 2])).ToArray();
        var rejected = runs.Select(bad).ToArray();
        var waits = good[..15].Append(rejected[0]).Concat(good[15..30]).Append(rejected[1]).Concat(good[30..])
            .ToDictionary(append => append, append => store.Log.AppendAsync(append).AsTask());

        await store.Log.StartAsync(CancellationToken.None);

        foreach (var append in rejected)
        {
            var refusal = await Assert.ThrowsAsync<RefusedException>(() => waits[append].WaitAsync(Patience.Default));
            Assert.Equal(CollabErrorCode.InvalidEvent, refusal.Code);
        }
        foreach (var run in runs)
        {
            var acks = await Task.WhenAll(good.Where(append => append.RunId == run).Select(append => waits[append])).WaitAsync(Patience.Default);
            Assert.Equal(Enumerable.Range(1, 20).Select(n => (long?)n), acks.Select(a => a.SequenceNumber));
            var stored = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
            Assert.Equal(acks.Select(a => a.SequenceNumber!.Value), stored!.Events.Select(e => e.Sequence));
            Assert.Equal(20, stored.LastSequence);
        }
    }
}
