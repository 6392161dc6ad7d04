using Collab.CliTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>A server that wants publishes signed, and the ways to bring the secret.</summary>
public sealed class SigningTests : IAsyncLifetime, IDisposable
{
    private const string Root = "the secret of a server for tests, of 32+";

    private readonly string _run = Guid.NewGuid().ToString();
    private readonly TemporaryFolder _folder = new("cli");
    private ServerProcess _server = null!;
    private ServerProcess _development = null!;

    private static Dictionary<string, string?> Signing => new()
    {
        ["Collab:Signing:Clients:Required"] = "true",
        ["Collab:Signing:Clients:Secret:0"] = Root,
    };

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(new ServerSettings { Configuration = Signing });
        _development = await ServerProcess.StartAsync(new ServerSettings
        {
            Environment = "Development",
            Configuration = new Dictionary<string, string?>(Signing) { ["Collab:Auth:SigningKey"] = null },
        });
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _development.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task From_the_environment_or_the_command_line_for_each_command()
    {
        await File.WriteAllTextAsync(_folder["events"], """
            {"eventType":"FLAG","data":{"stepId":"PM","note":"ä 😀"}}
            {"eventType":"FLAG","data":{"stepId":"SRE","weight":1e21}}
            """);
        var secret = TestSigner.SecretOf("ada", Root);
        string[][] lines =
        [
            ["graft", _run, "--after", "ARCHITECT", "--agent", "scanner"], ["prune", _run, "--step", "SRE", "--based-on", "1"], ["flag", _run, "--step", "PM", "--note", "look"],
            ["publish", _run, "--type", "FLAG", "--data", """{"stepId":"QA","n":0.1}"""],
        ];
        for (var n = 0; n < lines.Length; n++) Assert.Equal([$"{n + 1}"], await OutputAsync(Environment(secret), lines[n]));
        Assert.Equal(["5", "6"], await OutputAsync(Environment(secret), "publish", _run, "--file", _folder["events"]));
        Assert.Equal(["7"], await OutputAsync(Environment(), "flag", _run, "--step", "PM", "--signing-secret", secret));
        Assert.Equal(["8"], await OutputAsync(Environment(secret), "end", _run));
    }

    [Fact]
    public async Task Without_it_or_with_another_it_is_refused_and_said_why()
    {
        string[] flag = ["flag", _run, "--step", "PM"];
        var none = await Tool.RunAsync(Environment(), flag);
        Assert.Equal((1, 0), (none.ExitCode, none.Out.Length));
        Assert.StartsWith("collab: forbidden: Publishes are signed here", none.Error[^1], StringComparison.Ordinal);
        var other = await Tool.RunAsync(Environment(TestSigner.SecretOf("bob", Root)), flag);
        Assert.Equal(1, other.ExitCode);
        Assert.StartsWith("collab: forbidden: The signature is not that", other.Error[^1], StringComparison.Ordinal);
        var tooShort = await Tool.RunAsync(Environment("short"), flag);
        Assert.Equal((2, "collab: The signing secret is too short: it has 32 bytes or more."), (tooShort.ExitCode, Assert.Single(tooShort.Error)));
        Assert.Equal(0, (await Tool.RunAsync(Environment(), ["replay", _run])).ExitCode);
    }

    [Fact]
    public async Task A_development_server_gives_it_with_the_token()
    {
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = _development.BaseAddress.AbsoluteUri };

        Assert.Equal(["1"], await OutputAsync(environment, "flag", _run, "--step", "PM", "--user", "ada"));
        Assert.Equal(["2"], await OutputAsync(environment, "flag", _run, "--step", "PM", "--user", "bob"));
        Assert.Equal(0, (await Tool.RunAsync(environment, ["load", "--clients", "3", "--rate", "10", "--duration", "1s"])).ExitCode);
    }

    private static async Task<IReadOnlyList<string>> OutputAsync(IReadOnlyDictionary<string, string> environment, params string[] line)
    {
        var ended = await Tool.RunAsync(environment, line);
        Assert.True(ended.ExitCode == 0, string.Join('\n', ended.Error));
        return ended.Out;
    }

    private Dictionary<string, string> Environment(string? secret = null)
    {
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = _server.BaseAddress.AbsoluteUri, ["COLLAB_TOKEN"] = TestTokens.Create("ada") };
        if (secret is not null) environment["COLLAB_SIGNING_SECRET"] = secret;
        return environment;
    }
}
