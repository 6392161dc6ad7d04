using System.Net;
using Collab.IntegrationTests.Configuration;
using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>A SQLite file belongs to one server and to its user.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SqliteFileTests
{
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task A_second_server_on_the_file_is_refused_and_may_have_it_when_the_first_has_gone()
    {
        await using var first = await ServerProcess.StartAsync();
        var file = Path.Combine(first.WorkingFolder, "data", "collab.db");

        foreach (var command in (string?[])[null, "renew-epochs"])
        {
            var (exitCode, output) = await RunOnAsync(file, command);
            Assert.Equal(1, exitCode);
            Assert.Contains("Collab:Store:Path", output, StringComparison.Ordinal);
            Assert.Contains("another server", output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }
        await first.KillAsync();
        await using var next = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Store:Path"] = file },
        });
    }

    [Fact]
    public async Task A_link_to_the_file_is_no_way_to_a_second_server()
    {
        await using var first = await ServerProcess.StartAsync();
        using var folder = new TemporaryFolder("links");
        File.CreateSymbolicLink(folder["link.db"], Path.Combine(first.WorkingFolder, "data", "collab.db"));
        File.CreateSymbolicLink(folder["second.db"], folder["link.db"]);

        var (exitCode, output) = await RunOnAsync(folder["second.db"], command: null);

        Assert.Equal(1, exitCode);
        Assert.Contains("another server", output, StringComparison.Ordinal);
        Assert.Equal(["link.db", "second.db"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nobody_else_may_read_the_files()
    {
        await using var server = await ServerUnderTest.StartAsync(database: null);
        using var api = server.Api();
        Assert.Equal(HttpStatusCode.Created, (await api.PublishAsync(Guid.NewGuid(), "FLAG", new { stepId = "A" })).Status);
        var folder = Path.Combine(server.Process.WorkingFolder, "data");

        var files = Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["collab.db", "collab.db-shm", "collab.db-wal", "collab.db.lock"], files);
        Assert.All(Directory.GetFiles(folder), file => Assert.Equal(Ours, File.GetUnixFileMode(file)));
        Assert.Equal(Ours | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public async Task A_file_of_an_earlier_release_is_closed_to_others_and_stays_open_to_its_group()
    {
        using var folder = new TemporaryFolder("earlier");
        await File.WriteAllTextAsync(folder["collab.db"], "");
        File.SetUnixFileMode(folder["collab.db"], Ours | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await using var server = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Store:Path"] = folder["collab.db"] },
        });

        Assert.Equal(Ours | UnixFileMode.GroupRead, File.GetUnixFileMode(folder["collab.db"]));
    }

    private static Task<(int ExitCode, string Output)> RunOnAsync(string file, string? command) => RefusedStart.RunCommandAsync(
        command, "Production", "http://127.0.0.1:0", ("Collab:Auth:SigningKey", TestTokens.Key), ("Collab:Store:Path", file));
}
