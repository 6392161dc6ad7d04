using System.Diagnostics;
using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>The roles that the composition makes are enough: the owner migrates, the server reads and writes rows, and the server's role can do no more.</summary>
public sealed class DatabaseRolesTests
{
    private const string OwnerPassword = "owner's";
    private const string ServerPassword = "server's";

    [Fact]
    public async Task The_owner_migrates_and_the_server_reads_and_writes_rows_alone()
    {
        await using var postgres = await PostgresServer.StartPrivateAsync();
        var superuser = await postgres.CreateDatabaseAsync();
        var script = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "infra/docker/postgres/roles.sql"));
        await ExecuteAsync(superuser, script
            .Replace(":'owner_password'", "'owner''s'", StringComparison.Ordinal).Replace(":'server_password'", "'server''s'", StringComparison.Ordinal));
        var owner = As("collab_owner", OwnerPassword);
        var role = As("collab", ServerPassword);

        await MigrateAsync(owner);
        await using var server = await ServerProcess.StartAsync(ServerSettings.ForPostgres(role, new Dictionary<string, string?> { ["Collab:Store:MigrateOnStart"] = "false" }));
        using var api = new ApiClient(server.BaseAddress, TestTokens.Create("root", admin: true));
        var run = Guid.NewGuid();
        var published = await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });
        var read = await api.ReplayAsync(run);
        var erased = await api.EraseAsync(run);

        Assert.Equal((HttpStatusCode.Created, 1, HttpStatusCode.NoContent), (published.Status, read.Value.TotalEvents, erased.Status));
        foreach (var harm in (string[])["DROP TABLE collaboration_runs", "CREATE TABLE other (id int)", "CREATE ROLE other", "COPY collaboration_runs TO PROGRAM 'true'"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(role, harm));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        string As(string user, string password) => new NpgsqlConnectionStringBuilder(superuser) { Username = user, Password = password }.ConnectionString;
    }

    private static Task MigrateAsync(string database)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Repository.AssemblyOf("src/Collab.Server"), "migrate"]) { WorkingDirectory = Path.GetTempPath() };
        start.Environment["Collab__Auth__SigningKey"] = TestTokens.Key;
        start.Environment["ConnectionStrings__Collab"] = database;
        return ChildProcess.RunAsync(start);
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
