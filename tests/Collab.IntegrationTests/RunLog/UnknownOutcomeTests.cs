using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// A connection to PostgreSQL that breaks leaves open whether the commit under way has happened. The server sends the same batch again, and the
/// message ids make that safe: every publish is acknowledged once, as new, and nothing is stored twice or left out.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class UnknownOutcomeTests(PostgresFixture postgres)
{
    private const int Breaks = 15;
    private const int Between = 100;
    private const string TerminateSessions = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

    [Fact]
    public async Task Sessions_that_are_terminated_under_load_lose_and_repeat_nothing()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();

        await PublishWhileAsync(database, async () =>
        {
            await using var terminate = new NpgsqlCommand(TerminateSessions, connection);
            // Between two breaks the server may not have come back yet.
            await Eventually.TrueAsync(async () => (long)(await terminate.ExecuteScalarAsync())! > 0);
        });
    }

    [Fact]
    public async Task Commits_whose_answer_is_lost_are_acknowledged_once_as_new()
    {
        var database = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        await using var proxy = new LossyProxy(database.Port, "WITH settings AS"u8.ToArray());
        (database.Host, database.Port) = ("127.0.0.1", proxy.Port);

        await PublishWhileAsync(database.ConnectionString, proxy.LoseNextAnswerAsync);
    }

    [Fact]
    public async Task A_repeat_stays_a_repeat_where_the_connection_breaks_before_it()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var first = await ServerUnderTest.StartAsync(database);
        await using var second = await ServerUnderTest.StartAsync(database);
        var (run, id) = (Guid.NewGuid(), Guid.NewGuid());
        await using var alice = await first.ConnectAsync("alice");
        await using var elsewhere = await second.ConnectAsync("alice");
        var original = await alice.GraftAsync(run, messageId: id);
        // The second server has a connection that is about to break, and does not know the message.
        await elsewhere.GraftAsync(run);
        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();
        await using var terminate = new NpgsqlCommand(TerminateSessions, connection);
        Assert.True((long)(await terminate.ExecuteScalarAsync())! > 0);

        Assert.Equal(original with { Duplicate = true }, await elsewhere.GraftAsync(run, messageId: id));
    }

    private static async Task PublishWhileAsync(string database, Func<Task> breakAsync)
    {
        await using var server = await ServerUnderTest.StartAsync(database, ServerUnderTest.KeepAll);
        var run = Guid.NewGuid();
        await using var follower = await server.ConnectAsync("follower");
        await follower.JoinAsync(run);
        var outcomes = new Arrivals<Outcome>();
        using var stop = new CancellationTokenSource();
        var clients = await server.ConnectManyAsync(3);
        var senders = clients.Select(client => new Sender(client, run, outcomes)).ToArray();
        var sending = Task.WhenAll(senders.Select(s => s.RunAsync(stop.Token)));

        for (var i = 1; i <= Breaks; i++)
        {
            var goal = outcomes.All.Length + Between;
            await breakAsync();
            await outcomes.WaitForAsync(all => all.Count >= goal);
        }
        await stop.CancelAsync();
        await sending;

        var acknowledged = senders.SelectMany(s => s.Acknowledged).ToArray();
        Assert.Equal(senders.Sum(s => s.Sent.Count), acknowledged.Length);
        Assert.All(acknowledged, ack => Assert.False(ack.Duplicate));
        await follower.WaitForSequenceAsync(run, acknowledged.Length);
        var followed = follower.Events.All.Where(e => e.SequenceNumber is not null).ToArray();
        Log.Holds(followed, senders.SelectMany(s => s.Sent).Select(p => p.MessageId));
        Log.Keeps(followed, acknowledged);
        Log.Holds(await server.ReadAsync(run), senders.SelectMany(s => s.Sent).Select(p => p.MessageId));
        Assert.All(senders, s => Assert.Equal(s.Acknowledged.Select(a => a.SequenceNumber).Order(), s.Acknowledged.Select(a => a.SequenceNumber)));
        foreach (var client in clients) await client.DisposeAsync();
    }
}
