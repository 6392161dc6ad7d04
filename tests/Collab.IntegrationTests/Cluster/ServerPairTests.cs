using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Cluster;

/// <summary>Tests of two servers on one PostgreSQL, with either bus. Each test has a Redis of its own, which it may kill.</summary>
public abstract class ServerPairTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private RedisServer? _redis;

    protected RedisServer Redis => _redis!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await Redis.DisposeAsync();

    /// <summary>Starts two servers, which need not know each other yet.</summary>
    /// <param name="redis">Whether the bus is Redis; else it is PostgreSQL.</param>
    /// <param name="more">Further configuration.</param>
    private protected Task<ServerPair> StartAsync(bool redis, params KeyValuePair<string, string?>[] more) =>
        ServerPair.StartAsync(postgres, redis ? Redis : null, more);
}
