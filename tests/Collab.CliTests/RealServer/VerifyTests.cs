using System.Text.Json;
using Collab.CliTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>Whether a run is as it was signed.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task What_was_signed_with_the_server_s_key_is_right_and_the_first_event_that_was_not_is_named()
    {
        using var folder = new TemporaryFolder("verify");
        var run = Guid.NewGuid().ToString();
        await using (var server = await StartAsync(folder, "2026"))
        {
            Assert.Equal(
                ["nothing of this run is signed", "0 events verified, 0 from before the first signature; state not signed"], (await RunAsync(server, 0)).Out);
            for (var i = 0; i < 3; i++) await Tool.RunAsync(EnvironmentOf(server), "flag", run, "--step", "PM");
            Assert.Equal(["ok", "3 events verified, 0 from before the first signature (#1); state not signed"], (await RunAsync(server, 0)).Out);
        }

        await using var another = await StartAsync(folder, "2027");
        Assert.Equal("wrong: #1 unknown_key. Event 1 is signed with a key that is not known here.", (await RunAsync(another, 4)).Out[0]);
        var answer = JsonSerializer.Deserialize(Assert.Single((await RunAsync(another, 4, "--json")).Out), CollabJson.Default.VerifyResult)!;
        Assert.Equal((false, 0, 1L, "unknown_key"), (answer.Ok, answer.Verified, answer.Wrong?.SequenceNumber, answer.Wrong?.Reason));

        async Task<Ended> RunAsync(ServerProcess server, int exitCode, params string[] more)
        {
            var ended = await Tool.RunAsync(EnvironmentOf(server), ["verify", run, .. more]);
            Assert.True(ended.ExitCode == exitCode, ended.ErrorText);
            return ended;
        }
    }

    private static Dictionary<string, string> EnvironmentOf(ServerProcess server) => new() { ["COLLAB_SERVER"] = server.BaseAddress.AbsoluteUri };

    private static Task<ServerProcess> StartAsync(TemporaryFolder folder, string key) => ServerProcess.StartAsync(new ServerSettings
    {
        Environment = "Development",
        Configuration = new Dictionary<string, string?>
        {
            ["Collab:Auth:SigningKey"] = null,
            ["Collab:Signing:Key"] = $"{key}:the secret of this installation 32+",
            ["Collab:Store:Path"] = folder["signed.db"],
        },
    });
}
