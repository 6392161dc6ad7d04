using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// Servers that share a PostgreSQL need not know of each other: numbers have no gap and no repeat, a message is stored once whichever
/// server it reaches, and who follows a run on one server gets what was published on the other.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class SharedDatabaseTests(PostgresFixture postgres)
{
    private const int ConnectionsPerServer = 3;
    private const int OwnPerConnection = 40;
    private const int OnBoth = 40;

    private readonly Guid[] _runs = [.. Enumerable.Range(0, 8).Select(_ => Guid.NewGuid())];

    [Fact]
    public async Task Two_servers_publish_to_the_same_runs_and_every_follower_gets_each_event_once_in_order()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var first = await ServerUnderTest.StartAsync(database, ServerUnderTest.KeepAll);
        await using var second = await ServerUnderTest.StartAsync(database, ServerUnderTest.KeepAll);
        await using var followerOfFirst = await FollowAsync(first);
        await using var followerOfSecond = await FollowAsync(second);
        var onBoth = _runs.ToDictionary(run => run, _ => Enumerable.Range(0, OnBoth).Select(_ => Guid.CreateVersion7()).ToArray());

        var senders = (await Task.WhenAll(PublishAsync(first, onBoth), PublishAsync(second, onBoth))).SelectMany(s => s).ToArray();

        foreach (var run in _runs)
        {
            var acknowledged = senders.Where(s => s.RunId == run).SelectMany(s => s.Acknowledged).ToArray();
            Assert.Equal(2 * ConnectionsPerServer * (OwnPerConnection + OnBoth), acknowledged.Length);
            AssertEachStoredOnce(acknowledged);
            var messageIds = acknowledged.Select(a => a.MessageId).Distinct().ToArray();
            foreach (var follower in (HubClient[])[followerOfFirst, followerOfSecond])
            {
                await follower.WaitForSequenceAsync(run, messageIds.Length);
                var followed = follower.Events.All.Where(e => e.RunId == run && e.SequenceNumber is not null).ToArray();
                Log.Holds(followed, messageIds);
                Log.Keeps(followed, acknowledged);
            }
            Log.Holds(await first.ReadAsync(run), messageIds);
        }
        await AssertNoDeadlockAsync(database, first, second);
    }

    [Fact]
    public async Task A_message_repeated_on_another_server_long_after_is_a_duplicate_there()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var first = await ServerUnderTest.StartAsync(database);
        await using var second = await ServerUnderTest.StartAsync(database);
        await using var onFirst = await first.ConnectAsync();
        await using var onSecond = await second.ConnectAsync();
        var run = _runs[0];
        var original = await onFirst.GraftAsync(run, messageId: Guid.NewGuid());

        var together = await Task.WhenAll(
            onSecond.GraftAsync(run, messageId: Guid.NewGuid()),
            onSecond.GraftAsync(run, messageId: original.MessageId),
            onSecond.GraftAsync(run, messageId: Guid.NewGuid()));

        Assert.Equal([2, 1, 3], together.Select(a => a.SequenceNumber));
        Assert.Equal(original with { Duplicate = true }, together[1]);
    }

    [Fact]
    public async Task A_stream_goes_on_at_its_last_event_on_a_server_that_has_not_heard_of_it_yet()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var first = await ServerUnderTest.StartAsync(database);
        await using var second = await ServerUnderTest.StartAsync(database);
        await using var publisher = await first.ConnectAsync();
        await using var follower = await second.ConnectAsync("follower");
        using var api = second.Api("bob");
        var run = _runs[0];
        for (var i = 0; i < 3; i++) await publisher.GraftAsync(run);
        await follower.JoinAsync(run);
        var seen = (await publisher.GraftAsync(run)).SequenceNumber!.Value;

        await using var stream = api.StreamAsync(run, seen).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        var next = (await publisher.GraftAsync(run)).SequenceNumber!.Value;
        do Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        while (!stream.Current.ToEvent().IsCritical);

        Assert.Equal(next, stream.Current.ToEvent().SequenceNumber);
        await follower.WaitForSequenceAsync(run, next);
        Log.IsNumberedWithoutGap(await second.ReadAsync(run));
    }

    private async Task<HubClient> FollowAsync(ServerUnderTest server)
    {
        var follower = await server.ConnectAsync("follower");
        foreach (var run in _runs) await follower.JoinAsync(run);
        return follower;
    }

    /// <summary>Each connection sends to each run its own messages, mixed with those that all connections of both servers send.</summary>
    private async Task<Sender[]> PublishAsync(ServerUnderTest server, Dictionary<Guid, Guid[]> onBoth)
    {
        // One user's: another's message ids are not taken for repeats.
        var clients = await server.ConnectManyAsync(ConnectionsPerServer, "alice");
        var senders = clients.SelectMany(client => _runs.Select(run => new Sender(client, run, new()))).ToArray();
        await Task.WhenAll(senders.Select(sender => sender.SendAsync(Mixed(onBoth[sender.RunId]))));
        foreach (var client in clients) await client.DisposeAsync();
        return senders;
    }

    private static IEnumerable<Guid> Mixed(Guid[] shared) =>
        Enumerable.Range(0, OwnPerConnection).Select(_ => Guid.CreateVersion7()).Zip(shared).SelectMany(pair => new[] { pair.First, pair.Second });

    private static void AssertEachStoredOnce(PublishAck[] acknowledged) => Assert.All(acknowledged.GroupBy(a => a.MessageId), same =>
    {
        Assert.Single(same, a => !a.Duplicate);
        Assert.Single(same.Select(a => (a.SequenceNumber, a.Timestamp)).Distinct());
    });

    private static async Task AssertNoDeadlockAsync(string database, params ServerUnderTest[] servers)
    {
        // A session reports what happened to it when it ends, or a little later.
        foreach (var server in servers) await server.Process.StopAsync();
        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", connection);
        Assert.Equal(0L, await command.ExecuteScalarAsync());
        Assert.All(servers, server => Assert.DoesNotContain("deadlock", server.Process.Log, StringComparison.OrdinalIgnoreCase));
    }
}
