using System.Diagnostics;
using System.Net;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>Whoever wants to decide when the schema changes switches it off at start, and runs <c>Collab.Server migrate</c>.</summary>
[Collection(SharedPostgres.Name)]
public sealed class MigrateCommandTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Without_migration_at_start_the_server_is_not_ready_until_the_command_has_run(StoreKind kind)
    {
        var database = kind == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null;
        var configuration = new Dictionary<string, string?> { ["Collab:Store:MigrateOnStart"] = "false" };
        var settings = database is null ? new() { Configuration = configuration } : ServerSettings.ForPostgres(database, configuration);
        await using var server = await ServerProcess.StartAsync(settings with { WaitUntilReady = false });
        using var api = new ApiClient(server.BaseAddress, TestTokens.Create("alice"));
        var run = Guid.NewGuid();

        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("health/live")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.GetAsync("health/ready")).Status);
        Assert.Equal(CollabErrorCode.Unavailable, (await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" })).Code);
        if (database is not null) Assert.Equal(0L, await CountTablesAsync(database));

        await MigrateAsync(server.WorkingFolder, database);
        await MigrateAsync(server.WorkingFolder, database);

        await server.BecomeReadyAsync();
        Assert.Equal(1, (await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" })).Value.SequenceNumber);
    }

    [Fact]
    public async Task A_mistyped_command_starts_no_server()
    {
        using var folder = new TemporaryFolder("mistyped");
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync("migrat", folder.Path, database: null));

        Assert.Contains("There is no command 'migrat'.", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    /// <summary>Runs the command as an administrator would; another exit code than 0 fails the test.</summary>
    private static Task MigrateAsync(string workingFolder, string? database) => RunAsync("migrate", workingFolder, database);

    private static Task RunAsync(string command, string workingFolder, string? database)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Repository.AssemblyOf("src/Collab.Server"), command]) { WorkingDirectory = workingFolder };
        start.Environment["Collab__Auth__SigningKey"] = TestTokens.Key;
        if (database is not null)
        {
            start.Environment["Collab__Store__Provider"] = "Postgres";
            start.Environment["ConnectionStrings__Collab"] = database;
        }
        return ChildProcess.RunAsync(start);
    }

    private static async Task<long> CountTablesAsync(string database)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
