using System.Data.Common;
using Collab.IntegrationTests.Outbox;
using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Npgsql;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Handlers;

/// <summary>
/// Two applications with one handler on one database, one of which is killed again and again: each event is handled at least once, in the order
/// of its run, and no run by both at a time.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class KilledHandlersTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const string OutOfOrder =
        """
        SELECT count(*) FROM (
            SELECT sequence, coalesce(max(sequence) OVER (PARTITION BY run_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS highest
            FROM handled) h
        WHERE sequence > highest + 1
        """;

    private static readonly int Kills = IsLong ? 20 : 3;
    private static readonly int Events = IsLong ? 5000 : 600;

    private static bool IsLong => Environment.GetEnvironmentVariable("COLLAB_LONG_TESTS") == "1";

    [Fact]
    public async Task Each_event_is_handled_at_least_once_in_order_and_by_one_at_a_time()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var db = new NpgsqlConnection($"{database};Pooling=False");
        await db.OpenAsync();
        await db.ExecuteAsync("CREATE TABLE handled (id bigint GENERATED ALWAYS AS IDENTITY, run_id uuid, sequence bigint, server int, alone boolean)");
        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);
        ServerProcess[] servers = [first, second];
        Guid[] runs = [.. Enumerable.Range(0, 40).Select(_ => Guid.NewGuid())];

        for (var kill = 0; kill < Kills; kill++)
        {
            for (var n = 0; n < Events / Kills; n++) await db.InsertAsync(runs[Random.Shared.Next(runs.Length)]);
            await WaitForHandledAsync(db, Events * kill / Kills / 2);
            var server = servers[Random.Shared.Next(servers.Length)];
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        await Eventually.NothingLeftAsync(async () => Events - await CountAsync(db, "SELECT count(DISTINCT (run_id, sequence)) FROM handled"), Patience.Process);
        Assert.Equal(Events, await CountAsync(db, "SELECT count(*) FROM persisted_collaboration_messages"));
        Assert.Equal(0, await CountAsync(db, "SELECT count(*) FROM handled WHERE NOT alone"));
        Assert.Equal(0, await CountAsync(db, OutOfOrder));
        var twice = await CountAsync(db, "SELECT count(*) FROM handled") - Events;
        output.WriteLine(string.Create(null, $"{Events} events, {Kills} kills, handled more than once: {twice}"));
    }

    private static Task<ServerProcess> StartAsync(string database) =>
        ServerProcess.StartAsync(ServerSettings.ForPostgres(database, ServerUnderTest.KeepAll) with { Project = "tests/Collab.HandlerHost" });

    private static Task WaitForHandledAsync(DbConnection db, int atLeast) => Eventually.NothingLeftAsync(
        async () => atLeast - await CountAsync(db, "SELECT count(DISTINCT (run_id, sequence)) FROM handled"), Patience.Process);

    private static async Task<long> CountAsync(DbConnection db, string sql) => (long)(await db.ExecuteAsync(sql))!;
}
