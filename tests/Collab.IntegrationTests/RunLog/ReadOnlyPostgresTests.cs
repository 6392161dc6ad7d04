using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// A failover can leave the server with connections to a database that only reads: it answers, so nothing breaks, and writes nothing. The server says
/// so while it lasts, and goes on by itself when new connections can write.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class ReadOnlyPostgresTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Publishes_go_on_when_the_database_can_write_again()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerUnderTest.StartAsync(database);
        await using var client = await server.ConnectAsync();
        var run = Guid.NewGuid();
        Assert.Equal(1, (await client.GraftAsync(run)).SequenceNumber);

        await SetReadOnlyAsync(database, isReadOnly: true);
        Assert.Equal(CollabErrorCode.Unavailable, await HubClient.RefusalOf(client.GraftAsync(run)));
        await SetReadOnlyAsync(database, isReadOnly: false, keepConnections: true);

        Assert.Equal(2, (await client.GraftAsync(run)).SequenceNumber);
        Log.IsNumberedWithoutGap(await server.ReadAsync(run));
    }

    [Fact]
    public async Task The_server_is_unready_while_the_database_only_reads()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerUnderTest.StartAsync(database);
        using var api = new ApiClient(server.Process.BaseAddress, token: null);

        await SetReadOnlyAsync(database, isReadOnly: true);
        // An answer holds for a second.
        await Eventually.TrueAsync(async () => (await api.GetAsync("health/ready")).Status != HttpStatusCode.OK);
        // Not only at the moment in which the connections were cut off.
        for (var n = 0; n < 3; n++)
        {
            var ready = await api.GetAsync("health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
            Assert.Equal("Unhealthy", ready.Json.GetProperty("checks").GetProperty("collab-store").GetString());
        }
        await SetReadOnlyAsync(database, isReadOnly: false, keepConnections: true);

        await server.Process.BecomeReadyAsync();
    }

    [Fact]
    public async Task A_run_can_be_erased_when_the_database_can_write_again()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerUnderTest.StartAsync(database);
        using var api = server.Api();
        var run = Guid.NewGuid();

        await SetReadOnlyAsync(database, isReadOnly: true);
        await Eventually.TrueAsync(async () => (await api.ListAsync()).Status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.EraseAsync(run)).Status);
        await SetReadOnlyAsync(database, isReadOnly: false, keepConnections: true);

        Assert.Equal(HttpStatusCode.NoContent, (await api.EraseAsync(run)).Status);
    }

    /// <summary>Holds for new connections, as after a failover; the server's old ones are cut off unless they are kept.</summary>
    private static async Task SetReadOnlyAsync(string database, bool isReadOnly, bool keepConnections = false)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(database) { Pooling = false, Options = "-c default_transaction_read_only=off" };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync();
        var setting = isReadOnly ? "SET default_transaction_read_only = on" : "RESET default_transaction_read_only";
        await ExecuteAsync($"ALTER DATABASE {unpooled.Database} {setting}");
        if (!keepConnections)
            await ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
