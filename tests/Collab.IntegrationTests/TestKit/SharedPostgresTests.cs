using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.TestKit;

[Collection(SharedPostgres.Name)]
public sealed class SharedPostgresTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Each_database_is_another_and_empty()
    {
        var first = await postgres.CreateDatabaseAsync();
        var second = await postgres.CreateDatabaseAsync();

        await Database.ExecuteAsync(first, "CREATE TABLE note (text text)");

        Assert.NotEqual(first, second);
        Assert.Equal(0L, await Database.QueryAsync<long>(second, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Theory]
    [InlineData("fsync")]
    [InlineData("synchronous_commit")]
    public async Task A_commit_is_durable(string setting)
    {
        var database = await postgres.CreateDatabaseAsync();

        Assert.Equal("on", await Database.QueryAsync<string>(database, $"SELECT current_setting('{setting}')"));
    }
}

/// <summary>One statement on one connection, closed before the next.</summary>
internal static class Database
{
    public static Task ExecuteAsync(string connectionString, string sql) => QueryAsync<object>(connectionString, sql);

    public static async Task<T?> QueryAsync<T>(string connectionString, string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T?)await command.ExecuteScalarAsync();
    }
}
