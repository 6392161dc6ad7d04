using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>The schema changes only through the migrations, for both stores alike, and never at the expense of what is stored.</summary>
[Collection(SharedPostgres.Name)]
public sealed class MigrationTests(PostgresFixture postgres)
{
    private const string InsertRun =
        """
        INSERT INTO collaboration_runs (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
        VALUES (@p0, @p1, 2, '{}', 0, @p2, @p2)
        """;

    private const string InsertMessage =
        """
        INSERT INTO persisted_collaboration_messages (run_id, sequence_number, id, user_id, event_type, message_data, timestamp, is_critical)
        VALUES (@p0, @p1, @p2, 'alice', 'GRAFT', '{"after":"PM","agentName":"scanner"}', @p3, TRUE)
        """;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task The_migrations_end_where_the_model_is(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await using var db = store.Open();

        Assert.False(db.Database.HasPendingModelChanges(), "The model has changed: add a migration for each store, see migrations/README.md.");
    }

    [Fact]
    public async Task Both_stores_have_the_same_migrations()
    {
        await using var sqlite = await StoreUnderTest.CreateAsync(StoreKind.Sqlite, postgres);
        await using var relational = await StoreUnderTest.CreateAsync(StoreKind.Postgres, postgres);
        await using var first = sqlite.Open();
        await using var second = relational.Open();

        Assert.NotEmpty(NamesOf(first));
        Assert.Equal(NamesOf(first), NamesOf(second));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_was_written_under_the_first_migration_is_there_under_the_newest(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        var (run, epoch, message) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var time = new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        await using (var db = store.Open())
        {
            await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().First());
            Assert.Single(await db.Database.GetAppliedMigrationsAsync());
        }
        await store.ExecuteAsync(InsertRun, run, epoch, time);
        await store.ExecuteAsync(InsertMessage, run, 1L, message, time);
        await store.ExecuteAsync(InsertMessage, run, 2L, Guid.NewGuid(), time);

        await store.Store.MigrateAsync(CancellationToken.None);

        var snapshot = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
        Assert.Equal((epoch, 2L), (snapshot!.Epoch, snapshot.LastSequence));
        Assert.Equal([1, 2], snapshot.Events.Select(e => e.Sequence));
        var first = System.Text.Json.JsonSerializer.Deserialize(snapshot.Events.First().Json, Protocol.CollabJson.Default.CollaborationEvent)!;
        Assert.Equal((message, "alice", "GRAFT", new DateTimeOffset(time).ToUnixTimeMilliseconds()), (first.MessageId, first.UserId, first.EventType, first.Timestamp));
        Assert.Equal("scanner", first.Data.GetProperty("agentName").GetString());

        await store.Log.StartAsync(CancellationToken.None);
        Assert.Equal(3, (await store.Log.AppendAsync(StoreUnderTest.Append(run))).SequenceNumber);
        var repeat = new AspNetCore.Store.Append(run, message, "GRAFT", "alice", UserName: null, "{}"u8.ToArray());
        Assert.Equal(new(message, 1, first.Timestamp, Duplicate: true), await store.Log.AppendAsync(repeat));
    }

    [Fact]
    public async Task The_script_for_an_administrator_can_be_run_twice_and_leaves_nothing_to_do()
    {
        await using var store = await StoreUnderTest.CreateAsync(StoreKind.Postgres, postgres);
        await using var db = store.Open();
        var script = db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);

        await store.ExecuteAsync(script);
        await store.ExecuteAsync(script);

        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        await store.Store.CheckAsync(CancellationToken.None);
    }

    private static IEnumerable<string> NamesOf(DbContext db) => db.Database.GetMigrations().Select(id => id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..]);
}
