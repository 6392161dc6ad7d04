using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>A run that was erased and begun again was created with its first event, like any other.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BegunAgainTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Its_creation_is_the_time_of_its_first_event(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await using var appender = store.Store.CreateAppender();
        var run = Guid.NewGuid();
        var (once, again, later) = (1_760_000_000_000, 4_000_000_000_000, 4_000_000_050_000);

        await appender.AppendAsync(new([StoreUnderTest.Append(run)], once), CancellationToken.None);
        await store.Store.EraseAsync(run, CancellationToken.None);
        await appender.AppendAsync(new([StoreUnderTest.Append(run), StoreUnderTest.Append(run)], again), CancellationToken.None);
        Assert.Equal(again, await CreatedAsync(store));
        await appender.AppendAsync(new([StoreUnderTest.Append(run)], later), CancellationToken.None);
        Assert.Equal(again, await CreatedAsync(store));

        await store.Store.EraseAsync(run, CancellationToken.None);
        await appender.AppendAsync(new([StoreUnderTest.Append(run)], later), CancellationToken.None);
        Assert.Equal(later, await CreatedAsync(store));
    }

    private static async Task<long> CreatedAsync(StoreUnderTest store)
    {
        var listed = Assert.Single(await store.Store.ListAsync(new(Only: null, Before: null, Limit: 10), CancellationToken.None));
        return new DateTimeOffset(listed.CreatedAt).ToUnixTimeMilliseconds();
    }
}
