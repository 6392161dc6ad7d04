using Collab.IntegrationTests.Cluster.Kit;
using Collab.TestKit;
using Npgsql;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>
/// What may happen to a bus while clients publish: no publish fails or waits, and followers elsewhere get everything from the store, about
/// a second late at the most. The figures are in the output: how late, and how soon it was over.
/// </summary>
[Collection(ClusterDrills.Name)]
public sealed class BusFaultTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private static readonly int PerSecond = Fleet.IsLong ? 500 : 200;
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(Fleet.IsLong ? 10 : 2.5);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(Fleet.IsLong ? 6 : 2);

    [Fact]
    public async Task Redis_is_killed_its_connections_are_and_what_waits_in_it_is()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fleet = await Fleet.StartAsync(postgres, _ => redis.Configuration, count: 2);
        await using (var drill = await FaultDrill.StartAsync(fleet, output, PerSecond))
        {
            await drill.DuringAsync("nothing", () => drill.GoOnAsync(After), After);
            await drill.DuringAsync(
                "Redis is killed",
                async () =>
                {
                    await redis.KillAsync();
                    await drill.GoOnAsync(Away);
                    await redis.StartAgainAsync();
                    await BothAreConnectedAsync(fleet);
                },
                After);
            foreach (var kind in (string[])["pubsub", "normal"])
            {
                await drill.DuringAsync(
                    $"CLIENT KILL TYPE {kind}",
                    async () =>
                    {
                        Assert.NotEqual(":0", await redis.SendAsync($"CLIENT KILL TYPE {kind}"));
                        await BothAreConnectedAsync(fleet);
                    },
                    After);
            }
            await drill.AssertAllIsThereAsync();
        }
        await CutOffSlowOnesAsync(redis, fleet);
    }

    [Fact]
    public async Task The_connections_of_the_bus_over_PostgreSQL_are_killed()
    {
        await using var fleet = await Fleet.StartAsync(postgres, redis: null, count: 2);
        await using var drill = await FaultDrill.StartAsync(fleet, output, PerSecond);

        await drill.DuringAsync("nothing", () => drill.GoOnAsync(After), After);
        foreach (var statement in (string[])["LISTEN", "SELECT pg_notify"])
        {
            await drill.DuringAsync(
                $"{statement} is terminated",
                async () =>
                {
                    Assert.Equal(2, await TerminateAsync(fleet.Database, statement));
                    await BothAreConnectedAsync(fleet);
                },
                After);
        }
        await drill.DuringAsync(
            "both again and again",
            async () =>
            {
                for (var i = 0; i < (Fleet.IsLong ? 20 : 4); i++)
                {
                    await TerminateAsync(fleet.Database, "LISTEN");
                    await TerminateAsync(fleet.Database, "SELECT pg_notify");
                    await drill.GoOnAsync(TimeSpan.FromSeconds(0.5));
                }
                await BothAreConnectedAsync(fleet);
            },
            After);

        await drill.AssertAllIsThereAsync();
    }

    private static Task BothAreConnectedAsync(Fleet fleet) =>
        Task.WhenAll(fleet.WaitForBusAsync(0, isConnected: true), fleet.WaitForBusAsync(1, isConnected: true));

    private static async Task<long> TerminateAsync(string database, string statement)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1 || '%'";
        command.Parameters.Add(new() { Value = statement });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A message with several events does not fit into the engine's fixed buffer, and ends the connection.</summary>
    private async Task CutOffSlowOnesAsync(RedisServer redis, Fleet fleet)
    {
        await using var drill = await FaultDrill.StartAsync(fleet, output, perSecond: 40, noteBytes: 12_000, every: TimeSpan.FromSeconds(0.4));
        await drill.DuringAsync(
            "no room for what waits",
            async () =>
            {
                await redis.SendAsync("CONFIG SET client-output-buffer-limit \"pubsub 1 0 0\"");
                await drill.GoOnAsync(Away);
                await redis.SendAsync("CONFIG SET client-output-buffer-limit \"pubsub 33554432 8388608 60\"");
                await BothAreConnectedAsync(fleet);
            },
            After);
        await drill.AssertAllIsThereAsync();
        Assert.Contains(redis.Output.All, line => line.Contains("overcoming of output buffer limits", StringComparison.Ordinal));
    }
}
