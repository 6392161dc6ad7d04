using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// The ways to PostgreSQL. The writers have connections of their own beside the pool: however small that is, nobody waits for a writer's
/// connection, and one that failed is closed for good.
/// </summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    public PostgresConnections(StoreOptions options)
    {
        var settings = PostgresConnectionString.Complete(options);
        Pool = NpgsqlDataSource.Create(settings);
        settings.Pooling = false;
        Unpooled = NpgsqlDataSource.Create(settings);
    }

    /// <summary>For what takes a connection and gives it back.</summary>
    public NpgsqlDataSource Pool { get; }

    /// <summary>For the writers, and for what holds a connection long.</summary>
    public NpgsqlDataSource Unpooled { get; }

    public async ValueTask DisposeAsync()
    {
        await Unpooled.DisposeAsync();
        await Pool.DisposeAsync();
    }
}
