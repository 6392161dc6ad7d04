using Collab.AspNetCore.Refusals;
using Collab.IntegrationTests.Store;
using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// A network can hold what the server sends to PostgreSQL and deliver it later, when the server has given up. What was refused then must not come in behind
/// what the same publisher sent after it.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class HeldBytesTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_that_arrives_after_it_was_refused_does_nothing(bool isBehindPooler)
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var pooler = isBehindPooler ? await PgBouncer.StartAsync(database) : null;
        var way = new NpgsqlConnectionStringBuilder(pooler?.ConnectionString ?? database);
        await using var proxy = new HoldingProxy(way.Port);
        (way.Host, way.Port) = ("127.0.0.1", proxy.Port);
        await using var store = StoreUnderTest.On(way.ConnectionString);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        var (run, held) = (Guid.NewGuid(), Guid.CreateVersion7());
        Assert.Equal(1, (await store.Log.AppendAsync(StoreUnderTest.Append(run))).SequenceNumber);

        proxy.Hold();
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => store.Log.AppendAsync(StoreUnderTest.Append(run, held)).AsTask());
        Assert.Equal(CollabErrorCode.Unavailable, refusal.Code);
        proxy.LetNewOnesThrough();
        Assert.Equal(2, (await store.Log.AppendAsync(StoreUnderTest.Append(run))).SequenceNumber);
        await proxy.ReleaseAsync();

        // Seen from outside: the store's own connections may be behind what was held.
        await using var reader = StoreUnderTest.On(database);
        Assert.Equal([1, 2], (await reader.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).Events.Select(e => e.Sequence));
        var again = await store.Log.AppendAsync(StoreUnderTest.Append(run, held));
        Assert.Equal((3, false), (again.SequenceNumber, again.Duplicate));
    }
}
