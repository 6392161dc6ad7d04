using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>Acknowledged means durable, however the database was set up: the append session waits for the disk, or for more if it was told to.</summary>
[Collection(SharedPostgres.Name)]
public sealed class DurabilityTests(PostgresFixture postgres)
{
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
        await store.ExecuteAsync(
            """
            CREATE TABLE noted (setting text);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO noted VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
            CREATE TRIGGER note BEFORE INSERT ON persisted_collaboration_messages FOR EACH ROW EXECUTE FUNCTION note();
            """);

        await store.Log.StartAsync(CancellationToken.None);
        await store.Log.AppendAsync(StoreUnderTest.Append(Guid.NewGuid()));

        Assert.Equal(expected, await store.ExecuteAsync("SELECT string_agg(setting, ' ') FROM noted"));
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
