using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// Only the newest 1000 events of a run are kept, in what is answered and, but for a small slack, on disk; the state that a late joiner gets
/// covers all events since the first all the same, from memory and from the store.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class RetentionTests(PostgresFixture postgres)
{
    private const int Kept = 1000;
    private const int Slack = 100;
    private const string User = "alice";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Of_a_long_run_the_newest_thousand_are_answered_and_the_state_covers_all(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        var run = Guid.NewGuid();

        await PublishAsync(server, run, 1, 2500);
        await AssertAnswersAsync(server, run, 2500);

        // Whatever the trimmer had done by then.
        await server.Process.KillAsync();
        await server.Process.StartAgainAsync();
        await AssertAnswersAsync(server, run, 2500);

        await PublishAsync(server, run, 2501, 3300);
        await Eventually.TrueAsync(async () => await server.CountRowsAsync(run) <= Kept + Slack);
        await server.Process.StopAsync();
        await server.Process.StartAgainAsync();
        await AssertAnswersAsync(server, run, 3300);
        Assert.InRange(await server.CountRowsAsync(run), Kept, Kept + Slack);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Storage_stays_bounded_however_long_a_run_goes_on(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        var run = Guid.NewGuid();

        for (var published = 0; published < 10_000; published += 2500)
        {
            await PublishAsync(server, run, published + 1, published + 2500);
            await Eventually.TrueAsync(async () => await server.CountRowsAsync(run) <= Kept + Slack);
        }

        await AssertAnswersAsync(server, run, 10_000);
        Assert.InRange(await server.CountRowsAsync(run), Kept, Kept + Slack);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_run_within_its_bound_is_answered_whole_and_not_truncated(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        var run = Guid.NewGuid();
        await PublishAsync(server, run, 1, Kept);

        await using var client = await server.ConnectAsync();
        var joined = await client.JoinAsync(run);

        Log.IsNumberedWithoutGap(joined.Events);
        Assert.Equal((1, Kept, false), (joined.OldestSequence, joined.LastSequence, joined.Truncated));
    }

    private static async Task PublishAsync(ServerUnderTest server, Guid run, int from, int to)
    {
        await using var client = await server.ConnectAsync(User);
        await MixedEvents.PublishAsync(client, run, from, to);
    }

    private static async Task AssertAnswersAsync(ServerUnderTest server, Guid run, int count)
    {
        var newest = Enumerable.Range(count - Kept + 1, Kept).Select(n => (long?)n).ToArray();
        using var api = server.Api();
        var replay = (await api.ReplayAsync(run, limit: Kept)).Value;
        Assert.Equal(newest, replay.Events.Select(e => e.SequenceNumber));
        Assert.Equal((Kept, false, newest[0]!.Value, count), (replay.TotalEvents, replay.HasMore, replay.OldestSequence, replay.LastSequence));

        var polled = (await api.PollAsync(run, afterSequence: 0)).Value;
        Assert.Equal(newest, polled.Events.Select(e => e.SequenceNumber));
        Assert.True(polled.Truncated);

        await using var late = await server.ConnectAsync("late");
        var joined = await late.JoinAsync(run);
        Assert.Equal(newest, joined.Events.Select(e => e.SequenceNumber));
        Assert.True(joined.Truncated);
        Assert.True((await late.JoinAsync(run, newest[0] - 2)).Truncated);
        Assert.False((await late.JoinAsync(run, newest[0] - 1)).Truncated);
        Assert.False((await api.PollAsync(run, newest[0] - 1)).Value.Truncated);

        MixedEvents.AssertState(count, User, joined.State);
        MixedEvents.AssertState(count, User, (await api.StateAsync(run)).Value);
    }
}
