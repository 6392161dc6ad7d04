using Collab.IntegrationTests.Store;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>A store that cannot be used ends the start, and each command, with a sentence that names the key, and not with a stack trace.</summary>
[Collection(SharedPostgres.Name)]
public sealed class UnusableStoreTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(null)]
    [InlineData("migrate")]
    [InlineData("renew-epochs")]
    public async Task A_role_that_may_not_enter(string? command)
    {
        var database = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync()) { Username = "nobody_knows_this_role", Password = "wrong" };

        await AssertRefusedAsync(command, database.ConnectionString, "ConnectionStrings:Collab", "nobody_knows_this_role");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("migrate")]
    public async Task A_schema_that_the_role_may_not_bring_up_to_date(string? command)
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var owner = StoreUnderTest.On(database);
        await using var role = await ApplicationRole.CreateAsync(owner, database, "SELECT");

        await AssertRefusedAsync(command, role.Database, "Collab:Store:MigrateOnStart", "Collab.Server migrate");
    }

    [Theory]
    [InlineData(null, "Collab:Store:MigrateOnStart")]
    [InlineData("migrate", "Collab:Store:MigrateOnStart")]
    [InlineData("renew-epochs", "ConnectionStrings:Collab")]
    public async Task A_database_that_only_reads(string? command, string key)
    {
        var database = $"{await postgres.CreateDatabaseAsync()};Options=-c default_transaction_read_only=on";
        await AssertRefusedAsync(command, database, key, command == "renew-epochs" ? "collaboration_" : "read-only");
    }

    [Fact]
    public async Task Commits_that_two_servers_would_fail_for_each_other()
    {
        var database = $"{await postgres.CreateDatabaseAsync()};Options=-c default_transaction_isolation=serializable";

        await AssertRefusedAsync(command: null, database, "ConnectionStrings:Collab", "default_transaction_isolation");
    }

    [Theory]
    [InlineData("Minimum Pool Size=10;Maximum Pool Size=2")]
    [InlineData("Target Session Attributes=standby")]
    public async Task A_connection_string_that_cannot_work(string more)
    {
        var database = $"{await postgres.CreateDatabaseAsync()};{more}";

        await AssertRefusedAsync(command: null, database, "ConnectionStrings:Collab", null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("migrate")]
    [InlineData("renew-epochs")]
    public async Task A_file_that_is_no_database(string? command)
    {
        using var folder = new TemporaryFolder("no-database");
        await File.WriteAllTextAsync(folder["notes.txt"], new string('x', 10_000));

        var (exitCode, output) = await RefusedStart.RunCommandAsync(
            command, "Production", "http://127.0.0.1:0", ("Collab:Auth:SigningKey", TestTokens.Key), ("Collab:Store:Path", folder["notes.txt"]));

        AssertSentence(exitCode, output, "Collab:Store:Path", null);
    }

    private static async Task AssertRefusedAsync(string? command, string database, string key, string? hint)
    {
        var (exitCode, output) = await RefusedStart.RunCommandAsync(
            command, "Production", "http://127.0.0.1:0", ("Collab:Auth:SigningKey", TestTokens.Key), ("ConnectionStrings:Collab", database));
        AssertSentence(exitCode, output, key, hint);
    }

    private static void AssertSentence(int exitCode, string output, string key, string? hint)
    {
        Assert.Equal((1, true), (exitCode, output.Contains($"- {key}: ", StringComparison.Ordinal)));
        if (hint is not null) Assert.Contains(hint, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", output, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", output, StringComparison.Ordinal);
    }
}
