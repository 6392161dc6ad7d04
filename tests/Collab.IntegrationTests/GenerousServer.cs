using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests;

/// <summary>
/// One server on SQLite for all tests of a class: <c>IClassFixture&lt;GenerousServer&gt;</c>. Nobody is too fast for it, it knows two event
/// types more than the contract's own, and it takes a user who stopped polling for gone soon. Tests share it by using runs and users of their own.
/// </summary>
public partial class GenerousServer : IAsyncLifetime
{
    private ServerProcess? _process;

    /// <summary>The server.</summary>
    public ServerProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    /// <summary>Where it listens.</summary>
    public Uri Address => Process.BaseAddress;

    /// <summary>Further configuration, which wins over the fixture's own.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string?>> More => [];

    public async Task InitializeAsync()
    {
        var configuration = new Dictionary<string, string?>
        {
            ["Collab:Limits:PublishPerSecond"] = "0",
            ["Collab:Limits:PublishPerMinute"] = "0",
            ["Collab:Limits:CursorPerSecond"] = "0",
            ["Collab:Limits:ConnectionsPerUser"] = "0",
            ["Collab:Limits:JoinPerSecond"] = "0",
            ["Collab:Limits:PollPerSecond"] = "0",
            ["Collab:Limits:ReplayPerSecond"] = "0",
            ["Collab:Limits:PingPerSecond"] = "0",
            ["Collab:Polling:IntervalMs"] = "100",
            ["Collab:Events:COMMENT"] = "Critical",
            ["Collab:Events:TYPING"] = "Ephemeral",
        };
        foreach (var (key, value) in More) configuration[key] = value;
        _process = await ServerProcess.StartAsync(new ServerSettings { Configuration = configuration });
    }

    public async Task DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Connects a user to the hub.</summary>
    public Task<HubClient> ConnectAsync(string user, params string[] access) => HubClient.ConnectAsync(Address, TokenOf(user, access));

    /// <summary>A user's view of the HTTP API.</summary>
    public ApiClient Api(string user, params string[] access) => new(Address, TokenOf(user, access));

    /// <summary>The HTTP API for a user who may erase runs.</summary>
    public ApiClient AdminApi() => new(Address, TestTokens.Create("admin", admin: true));

    /// <summary>Nothing that clients did made the server complain: no failure that someone must act on, no exception that nobody caught.</summary>
    public void AssertNoComplaint() => Assert.DoesNotContain(Process.Output.All, line => Complaint().IsMatch(line));

    private static string TokenOf(string user, string[] access) => TestTokens.Create(user, access.Length == 0 ? null : access);

    [GeneratedRegex("^(fail|crit): |Unhandled exception|UnobservedTaskException", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Complaint();
}
