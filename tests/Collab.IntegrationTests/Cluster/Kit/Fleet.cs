using Collab.IntegrationTests.RunLog;
using Collab.TestKit;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>Several server processes on one database, with either bus.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>Whether the drills have the numbers that are promised, and not those of a run of everything.</summary>
    public static readonly bool IsLong = Environment.GetEnvironmentVariable("COLLAB_LONG_TESTS") == "1";

    private Fleet(string database, ServerUnderTest[] servers) => (Database, Servers) = (database, servers);

    /// <summary>The database that they share.</summary>
    public string Database { get; }

    public IReadOnlyList<ServerUnderTest> Servers { get; }

    public ServerUnderTest this[int index] => Servers[index];

    /// <summary>Starts servers, which know each other when it returns.</summary>
    /// <param name="postgres">Where the database is made.</param>
    /// <param name="redis">Where each server finds its Redis; null: the bus is PostgreSQL's.</param>
    /// <param name="count">How many servers.</param>
    /// <param name="more">Further configuration.</param>
    public static async Task<Fleet> StartAsync(
        PostgresFixture postgres, Func<int, string>? redis, int count, params KeyValuePair<string, string?>[] more)
    {
        var database = await postgres.CreateDatabaseAsync();
        // The first one makes the tables.
        List<ServerUnderTest> servers = [await StartAsync(0)];
        servers.AddRange(await Task.WhenAll(Enumerable.Range(1, count - 1).Select(StartAsync)));
        var fleet = new Fleet(database, [.. servers]);
        await fleet.WaitForMembersAsync(count);
        return fleet;

        Task<ServerUnderTest> StartAsync(int index) => ServerUnderTest.StartAsync(
            database,
            [
                ServerUnderTest.KeepAll,
                new("Collab:Limits:JoinPerSecond", "0"),
                new("Collab:Limits:PollPerSecond", "0"),
                new("Collab:Limits:ReplayPerSecond", "0"),
                new("Collab:Bus:Key", "a key for the tests of the bus"),
                new("Collab:Bus:Redis", redis?.Invoke(index)),
                .. more,
            ]);
    }

    /// <summary>Waits until each of the servers that are asked knows that there are so many.</summary>
    public Task WaitForMembersAsync(int count, params int[] asked) => Task.WhenAll(
        (asked.Length == 0 ? Enumerable.Range(0, Servers.Count) : asked).Select(
            index => WaitForAsync(index, "collab_cluster_servers", count)));

    /// <summary>Waits until a server's bus is connected, or is not.</summary>
    public Task WaitForBusAsync(int index, bool isConnected) => WaitForAsync(index, "collab_bus_connected", isConnected ? 1 : 0);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers.Reverse()) await server.DisposeAsync();
    }

    private async Task WaitForAsync(int index, string metric, int value)
    {
        using var api = Servers[index].Api();
        await Eventually.TrueAsync(async () => (await api.MetricsAsync())[metric] == value, Patience.Process, $"{metric} is {value}");
    }
}
