using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>
/// Behind a pooler in transaction mode each transaction may be in another session, and others use that session in between: every commit is as durable as
/// promised all the same, and nothing of ours is found there.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class PoolerTests(PostgresFixture postgres)
{
    private const int PoolSize = 3;
    private const int Runs = 50;
    private const int EventsPerRun = 200;
    private const int Samples = 40;
    private const int Kept = 100;

    private const string NoteCommits =
        """
        CREATE TABLE noted (what text, setting text, lsn pg_lsn);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO noted VALUES (TG_OP || ' ' || TG_TABLE_NAME, current_setting('synchronous_commit'), pg_current_wal_insert_lsn()); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR DELETE ON persisted_collaboration_messages FOR EACH ROW EXECUTE FUNCTION note();
        CREATE TRIGGER note AFTER UPDATE ON collaboration_runs FOR EACH STATEMENT EXECUTE FUNCTION note();
        """;

    [Fact]
    public async Task Every_commit_is_durable_and_nothing_is_left_in_the_sessions()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var owner = StoreUnderTest.On(database);
        await owner.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$");
        await using var pooler = await PgBouncer.StartAsync(database, PoolSize);
        await using var store = StoreUnderTest.On(pooler.ConnectionString);
        await store.Store.StartAsync(CancellationToken.None);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Store.CheckAsync(CancellationToken.None);
        await owner.ExecuteAsync(NoteCommits);
        await store.Log.StartAsync(CancellationToken.None);

        var runs = Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var run in runs)
        {
            var acks = await Task.WhenAll(Enumerable.Range(0, EventsPerRun).Select(_ => store.Log.AppendAsync(StoreUnderTest.Append(run)).AsTask()));
            Assert.Equal(Enumerable.Range(1, EventsPerRun).Select(n => (long?)n), acks.Select(a => a.SequenceNumber));
        }
        for (var n = 0; n < Samples; n++)
        {
            await store.Log.AppendAsync(StoreUnderTest.Append(runs[n]));
            Assert.True((bool)(await owner.ExecuteAsync("SELECT pg_current_wal_flush_lsn() >= max(lsn) FROM noted"))!);
        }
        await store.Store.TrimAsync(runs[0], Kept, slack: 0, CancellationToken.None);
        await store.Store.EraseAsync(runs[1], CancellationToken.None);

        Assert.Equal("on", await owner.ExecuteAsync("SELECT string_agg(DISTINCT setting, ' ') FROM noted"));
        Assert.Equal(
            (long)(Runs * EventsPerRun) + Samples,
            await owner.ExecuteAsync("SELECT count(*) FROM noted WHERE what = 'INSERT persisted_collaboration_messages'"));
        Assert.Equal(
            (long)EventsPerRun + 1 - Kept + EventsPerRun + 1,
            await owner.ExecuteAsync("SELECT count(*) FROM noted WHERE what = 'DELETE persisted_collaboration_messages'"));
        await AssertNothingLeftAsync(pooler.ConnectionString);
    }

    /// <summary>Holds all sessions of the pool at once, and looks into each.</summary>
    private static async Task AssertNothingLeftAsync(string database)
    {
        const string Look =
            """
            SELECT current_setting('synchronous_commit') || ' ' || current_setting('lock_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout')
                || ' ' || (SELECT count(*) FROM pg_prepared_statements)
                || ' ' || (SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = current_database())
            """;
        var connections = new List<NpgsqlConnection>();
        try
        {
            // The writers' connections are idle there, so each transaction here gets a session.
            for (var n = 0; n < PoolSize; n++)
            {
                var connection = new NpgsqlConnection($"{database};Pooling=False");
                connections.Add(connection);
                await connection.OpenAsync();
                await using var command = new NpgsqlCommand("BEGIN", connection);
                await command.ExecuteNonQueryAsync();
                command.CommandText = Look;
                Assert.Equal("off 0 0 0 0", await command.ExecuteScalarAsync());
            }
        }
        finally
        {
            foreach (var connection in connections) await connection.DisposeAsync();
        }
    }
}
