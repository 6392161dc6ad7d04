using Collab.Client;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>A real server on SQLite that finds nobody too fast, and clients of it that do not wait long before they try again.</summary>
public sealed class LiveServer : IAsyncLifetime
{
    private ServerProcess? _process;

    /// <summary>The server.</summary>
    public ServerProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    /// <summary>Where it listens.</summary>
    public Uri Address => Process.BaseAddress;

    public static Dictionary<string, string?> Unlimited => new()
    {
        ["Collab:Limits:PublishPerSecond"] = "0",
        ["Collab:Limits:PublishPerMinute"] = "0",
        ["Collab:Limits:CursorPerSecond"] = "0",
        ["Collab:Limits:ConnectionsPerUser"] = "0",
        ["Collab:Retention:EventsPerRun"] = "100000",
    };

    public async Task InitializeAsync() => _process = await ServerProcess.StartAsync(new ServerSettings { Configuration = Unlimited });

    public async Task DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Options of a client that is impatient enough for a test.</summary>
    public static CollabClientOptions OptionsOf(Uri address, string user, params string[] access) => new()
    {
        BaseAddress = address,
        Token = _ => ValueTask.FromResult(TestTokens.Create(user, access.Length == 0 ? null : access)),
        Backoff = attempt => TimeSpan.FromMilliseconds(Random.Shared.Next(5, 20 * Math.Min(attempt, 5))),
        PollInterval = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>A client of this server.</summary>
    public CollabClient NewClient(string user, params string[] access) => new(OptionsOf(Address, user, access));
}
