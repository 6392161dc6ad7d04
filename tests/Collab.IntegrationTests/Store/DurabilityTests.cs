using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>Acknowledged means durable, however the database was set up: the append session waits for the disk, or for more if it was told to.</summary>
[Collection(SharedPostgres.Name)]
public sealed class DurabilityTests(PostgresFixture postgres)
{
    private const string Note =
        """
        CREATE TABLE noted (setting text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO noted VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR DELETE ON persisted_collaboration_messages FOR EACH ROW EXECUTE FUNCTION note();
        """;

    [Theory]
    [InlineData("off", "on")]
    [InlineData("local", "on")]
    [InlineData("on", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task Appends_commit_synchronously_whatever_the_default_of_the_database(string setting, string expected)
    {
        await using var store = await StoreUnderTest.CreateAsync(StoreKind.Postgres, postgres);
        await store.ExecuteAsync($"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {setting}', current_database()); END $$");
        Assert.Equal(setting, await store.ExecuteAsync("SELECT current_setting('synchronous_commit')"));
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.ExecuteAsync(Note);

        await store.Log.StartAsync(CancellationToken.None);
        await store.Log.AppendAsync(StoreUnderTest.Append(Guid.NewGuid()));

        Assert.Equal(expected, await store.ExecuteAsync("SELECT string_agg(setting, ' ') FROM noted"));
    }

    [Fact]
    public async Task A_setting_that_changes_under_a_connected_server_does_not_matter()
    {
        await using var server = await PostgresServer.StartPrivateAsync();
        await using var store = StoreUnderTest.On(await server.CreateDatabaseAsync());
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.ExecuteAsync(Note);
        await store.Log.StartAsync(CancellationToken.None);
        var run = Guid.NewGuid();
        await store.Log.AppendAsync(StoreUnderTest.Append(run));

        await store.ExecuteAsync("ALTER SYSTEM SET synchronous_commit = off");
        await store.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.TrueAsync(async () => (string?)await store.ExecuteAsync("SELECT current_setting('synchronous_commit')") == "off");
        for (var n = 0; n < 20; n++) await store.Log.AppendAsync(StoreUnderTest.Append(run));
        await store.Store.TrimAsync(run, keep: 5, slack: 0, CancellationToken.None);
        await store.Store.EraseAsync(run, CancellationToken.None);

        Assert.Equal("on", await store.ExecuteAsync("SELECT string_agg(DISTINCT setting, ' ') FROM noted"));
        Assert.Equal(42L, await store.ExecuteAsync("SELECT count(*) FROM noted"));
    }

    [Fact]
    public async Task SQLite_syncs_at_every_commit()
    {
        await using var store = await StoreUnderTest.CreateAsync(StoreKind.Sqlite, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);

        using var connection = ((Collab.AspNetCore.Store.SqliteRunStore)store.Store).Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM pragma_synchronous, pragma_journal_mode";
        using var row = command.ExecuteReader();

        const long Full = 2;
        Assert.True(row.Read());
        Assert.Equal((Full, "wal"), (row.GetInt64(0), row.GetString(1)));
    }
}
