using System.Net;
using System.Net.Sockets;
using Collab.CliTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>What one says to the tool, and what it makes of nonsense.</summary>
public sealed class UsageTests
{
    private const string Run = "550e8400-e29b-41d4-a716-446655440000";
    private static readonly Dictionary<string, string> Nothing = [];

    [Theory]
    [InlineData("")]
    [InlineData("dance")]
    [InlineData("watch")]
    [InlineData("watch not-a-uuid")]
    [InlineData("watch " + Run + " --after x")]
    [InlineData("watch " + Run + " --after -1")]
    [InlineData("watch " + Run + " --server ftp://example.com")]
    [InlineData("watch " + Run + " --server example.com")]
    [InlineData("watch " + Run + " --server https://example.com")]
    [InlineData("watch " + Run + " --token a --user b")]
    [InlineData("watch " + Run + " --token a --as-agent")]
    [InlineData("watch " + Run + " --token-file a --as-agent")]
    [InlineData("watch " + Run + " --token ")]
    [InlineData("watch " + Run + " --token-file /does/not/exist")]
    [InlineData("watch " + Run + " --token-file ")]
    [InlineData("watch " + Run + " --token-file /")]
    [InlineData("graft " + Run + " --after PM")]
    [InlineData("prune " + Run)]
    [InlineData("publish " + Run + " --type FLAG --data {")]
    [InlineData("publish " + Run + " --type FLAG --data []")]
    [InlineData("publish " + Run + """ --type FLAG --data {"stepId":"PM","note":"\ud800"}""")]
    [InlineData("publish " + Run + """ --type FLAG --data {"stepId":"PM","\udc00":1}""")]
    [InlineData("publish " + Run + " --type  --data {}")]
    [InlineData("publish " + Run)]
    [InlineData("publish " + Run + " --type FLAG")]
    [InlineData("publish " + Run + " --type FLAG --data {} --from 2")]
    [InlineData("publish " + Run + " --file events.ndjson --type FLAG")]
    [InlineData("publish " + Run + " --file events.ndjson --message-id 0198c0de-0000-7000-8000-000000000001")]
    [InlineData("publish " + Run + " --file events.ndjson --from 0")]
    [InlineData("publish " + Run + " --file /does/not/exist")]
    [InlineData("publish " + Run + " --file /")]
    [InlineData("publish " + Run + " --file ")]
    [InlineData("flag " + Run + " --step PM --timeout soon")]
    [InlineData("load --clients 0")]
    [InlineData("load --clients many")]
    [InlineData("load " + Run + " --runs 2")]
    [InlineData("load --payload 1")]
    public async Task Nonsense_is_answered_by_one_sentence_and_exit_code_2(string line)
    {
        var ended = await Tool.RunAsync(Nothing, line.Length == 0 ? [] : line.Split(' '));

        Assert.Equal(2, ended.ExitCode);
        Assert.Empty(ended.Out);
        Assert.StartsWith("collab: ", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publish", Run, "--type", "FLAG", "--data", "-")]
    [InlineData("publish", Run, "--file", "-")]
    [InlineData("state", Run, "--token-file", "-")]
    public async Task So_is_a_standard_input_that_cannot_be_read(params string[] line)
    {
        await using var tool = Tool.Start("sh", ["-c", "exec dotnet \"$0\" \"$@\" < /", Tool.Assembly, .. line], Nothing);

        var ended = await tool.EndAsync();

        Assert.Equal(2, ended.ExitCode);
        Assert.StartsWith("collab: Standard input cannot be read: ", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_says_what_there_is()
    {
        var ended = await Tool.RunAsync(Nothing, "--help");

        Assert.Equal(0, ended.ExitCode);
        var text = string.Join('\n', ended.Out);
        Assert.All(["watch", "graft", "prune", "flag", "publish", "replay", "state", "verify", "load"], command => Assert.Contains($"\n  {command} ", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ctrl_C_before_it_is_done_is_no_success()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = $"http://{silent.LocalEndpoint}", ["COLLAB_TOKEN"] = TestTokens.Create("ada") };
        await using var tool = Tool.Start(environment, "flag", Run, "--step", "PM", "--timeout", "10m");
        using var asked = await silent.AcceptSocketAsync().WaitAsync(Patience.Process);

        await tool.InterruptAsync();

        var ended = await tool.EndAsync();
        Assert.Equal(130, ended.ExitCode);
        Assert.Empty(ended.Out);
    }

    [Theory]
    [InlineData("flag", Run, "--step", "PM", "--timeout", "5s")]
    [InlineData("load", "--clients", "2", "--timeout", "5s")]
    [InlineData("replay", Run)]
    [InlineData("state", Run)]
    public async Task A_server_that_is_not_there_is_not_reached_in_time(params string[] line)
    {
        var nowhere = new Dictionary<string, string> { ["COLLAB_SERVER"] = $"http://127.0.0.1:{FreePort.Next()}" };

        var ended = await Tool.RunAsync(nowhere, line);

        Assert.Equal(3, ended.ExitCode);
        Assert.Empty(ended.Out);
        Assert.Contains("Connection refused", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay", "{}", "application/json")]
    [InlineData("replay", "null", "application/json")]
    [InlineData("replay", "<h1>Welcome</h1>", "text/html")]
    [InlineData("replay", "{}", "application/json; charset=klingon")]
    [InlineData("state", "{}", "application/json")]
    [InlineData("state", """{"grafts":{},"prunedSteps":null}""", "application/json")]
    public async Task What_is_not_Collab_is_told(string command, string answer, string contentType)
    {
        await using var stranger = await Stranger.StartAsync(answer, contentType);

        var ended = await Tool.RunAsync(stranger.Environment, command, Run);

        Assert.Equal(3, ended.ExitCode);
        Assert.Empty(ended.Out);
        Assert.EndsWith("its answer is not one of Collab.", Assert.Single(ended.Error), StringComparison.Ordinal);
    }
}
