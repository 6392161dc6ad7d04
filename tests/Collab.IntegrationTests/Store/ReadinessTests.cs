using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>Ready means that the store can be read and written as a server needs it, not only that it answers.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ReadinessTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_schema_of_an_earlier_release_is_not_ready(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await using (var db = store.Open())
        {
            await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().ElementAt(1));
        }
        await Assert.ThrowsAsync<StoreException>(() => store.Store.CheckAsync(CancellationToken.None).AsTask());

        await store.Store.MigrateAsync(CancellationToken.None);

        await store.Store.CheckAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("SELECT, INSERT, UPDATE, DELETE", true)]
    [InlineData("SELECT", false)]
    [InlineData("SELECT, INSERT, UPDATE", false)]
    [InlineData("SELECT, INSERT, DELETE", false)]
    [InlineData("INSERT, UPDATE, DELETE", false)]
    public async Task A_role_is_ready_that_may_do_all_that_a_server_does(string rights, bool isReady)
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var owner = StoreUnderTest.On(database);
        await owner.Store.MigrateAsync(CancellationToken.None);
        await using var role = await ApplicationRole.CreateAsync(owner, database, rights);
        await using var store = StoreUnderTest.On(role.Database);

        if (isReady) await store.Store.CheckAsync(CancellationToken.None);
        else await Assert.ThrowsAsync<StoreException>(() => store.Store.CheckAsync(CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_role_with_rows_only_starts_a_server_on_a_schema_that_is_current()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var owner = StoreUnderTest.On(database);
        await owner.Store.MigrateAsync(CancellationToken.None);
        await using var role = await ApplicationRole.CreateAsync(owner, database, "SELECT, INSERT, UPDATE, DELETE");
        await using var server = await ServerUnderTest.StartAsync(role.Database);
        using var api = server.Api();

        Assert.Equal(1, (await api.PublishAsync(Guid.NewGuid(), "FLAG", new { stepId = "A" })).Value.SequenceNumber);
    }

    [Fact]
    public async Task Servers_that_migrate_at_once_take_turns()
    {
        var database = await postgres.CreateDatabaseAsync();
        var stores = Enumerable.Range(0, 6).Select(_ => StoreUnderTest.On(database)).ToArray();

        await Task.WhenAll(stores.Select(store => Task.Run(() => store.Store.MigrateAsync(CancellationToken.None))));

        foreach (var store in stores)
        {
            await store.Store.CheckAsync(CancellationToken.None);
            await store.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_small_pool_is_enough(int size)
    {
        await using var server = await ServerUnderTest.StartAsync($"{await postgres.CreateDatabaseAsync()};Maximum Pool Size={size}");
        using var api = server.Api();
        var runs = Enumerable.Range(0, 6).Select(_ => Guid.NewGuid()).ToArray();

        // Both writers take their connections.
        foreach (var run in runs) Assert.Equal(1, (await api.PublishAsync(run, "FLAG", new { stepId = "A" })).Value.SequenceNumber);

        foreach (var run in runs) Assert.Single((await api.PollAsync(run)).Value.Events);
        await server.Process.BecomeReadyAsync();
    }
}

/// <summary>A role with rights of its own to the rows of a database.</summary>
internal sealed class ApplicationRole : IAsyncDisposable
{
    private readonly StoreUnderTest _owner;
    private readonly string _name = $"app_{Guid.NewGuid():N}";

    private ApplicationRole(StoreUnderTest owner, string database) =>
        (_owner, Database) = (owner, new NpgsqlConnectionStringBuilder(database) { Username = _name, Password = "secret" }.ConnectionString);

    /// <summary>The database as this role reaches it.</summary>
    public string Database { get; }

    public static async Task<ApplicationRole> CreateAsync(StoreUnderTest owner, string database, string rights)
    {
        var role = new ApplicationRole(owner, database);
        await owner.ExecuteAsync($"CREATE ROLE {role._name} LOGIN PASSWORD 'secret'");
        await owner.ExecuteAsync($"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {role._name}");
        return role;
    }

    public async ValueTask DisposeAsync() => await _owner.ExecuteAsync($"DROP OWNED BY {_name}; DROP ROLE {_name}");
}
