using System.Net;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>An erased run is gone for everybody at once: who follows it is cut off, and finds another epoch and a log that begins at 1.</summary>
[Collection(SharedPostgres.Name)]
public sealed class EraseTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Followers_of_an_erased_run_are_cut_off_and_find_another_log(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        var run = Guid.NewGuid();
        await using var client = await server.ConnectAsync();
        var first = await client.GraftAsync(run, messageId: Guid.NewGuid());
        await client.GraftAsync(run);
        var before = await client.JoinAsync(run);
        await using var other = await server.ConnectAsync("bob");
        await other.JoinAsync(run, 2);

        await EraseAsync(server, run);

        await client.Closed.WaitAsync(Patience.Default);
        await other.Closed.WaitAsync(Patience.Default);
        Assert.Equal(0, await server.CountRowsAsync(run));
        await AssertBeginsAgainAsync(server, run, before.Epoch, first.MessageId);
    }

    [Fact]
    public async Task Followers_on_another_server_are_cut_off_too()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerUnderTest.StartAsync(database);
        await using var other = await ServerUnderTest.StartAsync(database);
        var run = Guid.NewGuid();
        await using var follower = await other.ConnectAsync("bob");
        var first = await follower.GraftAsync(run, messageId: Guid.NewGuid());
        var before = await follower.JoinAsync(run);

        await EraseAsync(server, run);

        await follower.Closed.WaitAsync(Patience.Default);
        await AssertBeginsAgainAsync(other, run, before.Epoch, first.MessageId);
    }

    [Fact]
    public async Task A_run_that_was_erased_and_begun_again_elsewhere_is_another_log_for_those_who_follow_it()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerUnderTest.StartAsync(database);
        await using var other = await ServerUnderTest.StartAsync(database);
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync();
        await publisher.GraftAsync(run);
        await using var follower = await other.ConnectAsync("bob");
        var before = await follower.JoinAsync(run);

        await EraseAsync(server, run);
        await publisher.GraftAsync(run);
        await publisher.GraftAsync(run, "PM");

        await follower.Closed.WaitAsync(Patience.Default);
        await using var back = await other.ConnectAsync("bob");
        var after = await back.JoinAsync(run, before.LastSequence);
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal(2, after.LastSequence);
        Assert.Equal(["ARCHITECT", "PM"], after.State.Grafts.Keys.Order());
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_run_that_is_erased_again_and_again_under_load_always_begins_at_one_without_gap(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, ServerUnderTest.KeepAll);
        var run = Guid.NewGuid();
        var outcomes = new Arrivals<Outcome>();
        using var stop = new CancellationTokenSource();
        var clients = await server.ConnectManyAsync(3);
        var sending = Task.WhenAll(clients.Select(client => new Sender(client, run, outcomes).RunAsync(stop.Token)));

        var epochs = new List<Guid>();
        while (epochs.Count < 10)
        {
            await using var follower = await server.ConnectAsync("follower");
            var joined = await follower.JoinAsync(run);
            // A commit to the old log that is told late may end the new feed too; who comes back finds the truth.
            var next = follower.WaitForSequenceAsync(run, joined.LastSequence + 1);
            await Task.WhenAny(next, follower.Closed);
            if (!next.IsCompletedSuccessfully)
            {
                await follower.Closed.WaitAsync(Patience.Default);
                continue;
            }
            epochs.Add(joined.Epoch);
            await EraseAsync(server, run);
            await follower.Closed.WaitAsync(Patience.Default);
            var sequences = joined.Events.Select(e => e.SequenceNumber!.Value).Concat(follower.SequencesOf(run)).Distinct().ToArray();
            Assert.Equal(Enumerable.Range(1, sequences.Length).Select(n => (long)n), sequences);
        }
        await stop.CancelAsync();
        await sending;

        Assert.All(outcomes.All, outcome => Assert.NotNull(outcome.Ack));
        Assert.Equal(epochs.Count, epochs.Distinct().Count());
        Log.IsNumberedWithoutGap(await server.ReadAsync(run));
        foreach (var client in clients) await client.DisposeAsync();
    }

    private static async Task EraseAsync(ServerUnderTest server, Guid run)
    {
        using var admin = server.Api();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.EraseAsync(run)).Status);
    }

    /// <summary>An id of the erased log can be used again: nothing of it is remembered.</summary>
    private static async Task AssertBeginsAgainAsync(ServerUnderTest server, Guid run, Guid epochBefore, Guid usedId)
    {
        await using var back = await server.ConnectAsync("bob");
        var empty = await back.JoinAsync(run, 2);
        Assert.NotEqual(epochBefore, empty.Epoch);
        Assert.Equal((0, 0), (empty.LastSequence, empty.State.AsOfSequence));
        Assert.Empty(empty.State.Grafts);

        var ack = await back.GraftAsync(run, messageId: usedId);
        Assert.Equal((1, false), (ack.SequenceNumber!.Value, ack.Duplicate));
        await back.WaitForSequenceAsync(run, 1);
        Assert.Equal(empty.Epoch, (await back.JoinAsync(run)).Epoch);
    }
}
