using Collab.CliTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>A server that wants real tokens, and the ways to bring one.</summary>
public sealed class TokenTests : IAsyncLifetime, IDisposable
{
    private readonly string _run = Guid.NewGuid().ToString();
    private readonly TemporaryFolder _folder = new("cli");
    private ServerProcess _server = null!;

    private string[] Flag => ["flag", _run, "--step", "PM"];

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task From_the_environment_a_file_standard_input_or_the_command_line()
    {
        await File.WriteAllTextAsync(_folder["token"], TestTokens.Create("file") + "\n");

        Assert.Equal(0, (await RunAsync(Environment(TestTokens.Create("environment")), Flag)).ExitCode);
        Assert.Equal(0, (await RunAsync(Environment("not this one"), [.. Flag, "--token-file", _folder["token"]])).ExitCode);
        Assert.Equal(0, (await RunAsync(Environment(), [.. Flag, "--token", TestTokens.Create("line")])).ExitCode);
        await using var tool = Tool.Start("dotnet", [Tool.Assembly, .. Flag, "--token-file", "-"], Environment(), TestTokens.Create("input"));
        Assert.Equal(0, (await tool.EndAsync()).ExitCode);

        using var api = new ApiClient(_server.BaseAddress, TestTokens.Create("reader"));
        var kept = (await api.ReplayAsync(Guid.Parse(_run))).Value;
        Assert.Equal(["environment", "file", "line", "input"], kept.Events.Select(e => e.UserId));
    }

    [Theory]
    [InlineData("flag", "--step", "PM")]
    [InlineData("watch")]
    [InlineData("replay")]
    [InlineData("state")]
    [InlineData("load")]
    public async Task A_token_that_is_not_accepted_is_refused(string command, params string[] more)
    {
        var ended = await RunAsync(Environment(TestTokens.WithoutSignature("mallory")), [command, _run, .. more]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Empty(ended.Out);
        Assert.StartsWith("collab: unauthorized: ", ended.Error[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_gives_out_no_tokens_says_so()
    {
        var ended = await RunAsync(Environment(), [.. Flag, "--user", "ada"]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("COLLAB_TOKEN", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_refused()
    {
        var reader = Environment(TestTokens.Create("reader", [$"{_run}:read"]));

        var flag = await RunAsync(reader, Flag);
        var other = await RunAsync(reader, ["watch", Guid.NewGuid().ToString()]);

        Assert.Equal((1, 1), (flag.ExitCode, other.ExitCode));
        Assert.StartsWith("collab: forbidden: ", Assert.Single(flag.Error), StringComparison.Ordinal);
        Assert.StartsWith("collab: forbidden: ", Assert.Single(other.Error), StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(reader, ["replay", _run])).ExitCode);
    }

    private static Task<Ended> RunAsync(IReadOnlyDictionary<string, string> environment, IEnumerable<string> line) => Tool.RunAsync(environment, line);

    private Dictionary<string, string> Environment(string? token = null)
    {
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = _server.BaseAddress.AbsoluteUri };
        if (token is not null) environment["COLLAB_TOKEN"] = token;
        return environment;
    }
}
