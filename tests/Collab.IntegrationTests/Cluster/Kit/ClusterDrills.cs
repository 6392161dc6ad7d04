using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>Drills of several servers, one after the other: <c>[Collection(ClusterDrills.Name)]</c>.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterDrills : ICollectionFixture<PostgresFixture>, ICollectionFixture<Trios>
{
    public const string Name = "Several servers";
}

/// <summary>Three servers with each bus, for drills that end none of them. They start when they are first asked for.</summary>
public sealed class Trios : IAsyncLifetime
{
    private RedisServer? _redis;
    private Fleet? _onPostgres;
    private Fleet? _onRedis;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_onPostgres is not null) await _onPostgres.DisposeAsync();
        if (_onRedis is not null) await _onRedis.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
    }

    internal async Task<Fleet> GetAsync(PostgresFixture postgres, bool redis)
    {
        if (!redis) return _onPostgres ??= await Fleet.StartAsync(postgres, redis: null, count: 3);
        var engine = _redis ??= await RedisServer.StartAsync();
        return _onRedis ??= await Fleet.StartAsync(postgres, _ => engine.Configuration, count: 3);
    }
}
