using Collab.IntegrationTests.RunLog;
using Collab.TestKit;

namespace Collab.IntegrationTests.Cluster;

/// <summary>Two servers on one PostgreSQL that know each other.</summary>
internal sealed record ServerPair(ServerUnderTest One, ServerUnderTest Two) : IAsyncDisposable
{
    /// <param name="postgres">Where their store is.</param>
    /// <param name="redis">Their bus; null: PostgreSQL's.</param>
    /// <param name="more">Further configuration.</param>
    public static async Task<ServerPair> StartAsync(PostgresFixture postgres, RedisServer? redis, params KeyValuePair<string, string?>[] more)
    {
        var database = await postgres.CreateDatabaseAsync();
        KeyValuePair<string, string?>[] settings =
        [
            ServerUnderTest.KeepAll,
            new("Collab:Events:TYPING", "Ephemeral"),
            new("Collab:Bus:Key", "a key for the tests of the bus"),
            .. redis is null ? Array.Empty<KeyValuePair<string, string?>>() : [new("Collab:Bus:Redis", redis.Configuration)],
            .. more,
        ];
        var one = await ServerUnderTest.StartAsync(database, settings);
        return new(one, await ServerUnderTest.StartAsync(database, settings));
    }

    /// <summary>Waits until both have heard of the other.</summary>
    public async Task MeetAsync()
    {
        foreach (var server in (ServerUnderTest[])[One, Two])
        {
            using var api = server.Api();
            await Eventually.TrueAsync(async () => (await api.MetricsAsync())["collab_cluster_servers"] == 2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Two.DisposeAsync();
        await One.DisposeAsync();
    }
}
