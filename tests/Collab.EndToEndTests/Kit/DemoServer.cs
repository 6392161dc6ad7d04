using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.EndToEndTests.Kit;

/// <summary>The built server with the built page, in Development, as it is when somebody tries it out. Nobody publishes too much for it.</summary>
public partial class DemoServer : IAsyncLifetime
{
    private ServerProcess? _process;
    private string? _database;
    private bool _hasTitles;
    private bool _wantsSignatures;

    public ServerProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public Uri Address => Process.BaseAddress;

    /// <summary>Starts one for a single test.</summary>
    /// <param name="database">The PostgreSQL database that it shares with others; null: a SQLite file of its own.</param>
    /// <param name="hasTitles">Whether runs can be given titles, as where the README's command starts it.</param>
    /// <param name="wantsSignatures">Whether what is published must be signed by its user.</param>
    public static async Task<DemoServer> StartAsync(string? database = null, bool hasTitles = false, bool wantsSignatures = false)
    {
        var server = new DemoServer { _database = database, _hasTitles = hasTitles, _wantsSignatures = wantsSignatures };
        await server.InitializeAsync();
        return server;
    }

    public async Task InitializeAsync()
    {
        RequirePage();
        var configuration = new Dictionary<string, string?>
        {
            // Without a key, and only so, a server in Development hands out tokens.
            ["Collab:Auth:SigningKey"] = null,
            ["Collab:Limits:PublishPerSecond"] = "0",
            ["Collab:Limits:PublishPerMinute"] = "0",
        };
        if (_hasTitles)
        {
            foreach (var (name, value) in LaunchSettings.EnvironmentVariables("src/Collab.Server").Where(v => v.Key.StartsWith("Collab__", StringComparison.Ordinal)))
                configuration[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        }
        if (_wantsSignatures)
        {
            configuration["Collab:Signing:Clients:Required"] = "true";
            configuration["Collab:Signing:Clients:Secret"] = "the secret of a server that people try out";
        }
        var settings = _database is null ? new ServerSettings { Configuration = configuration } : ServerSettings.ForPostgres(_database, configuration);
        _process = await ServerProcess.StartAsync(settings with { Environment = "Development" });
    }

    public async Task DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Somebody who takes part without a browser.</summary>
    public async Task<HubClient> ConnectAsync(string user) => await HubClient.ConnectAsync(Address, await TokenAsync(user));

    /// <summary>The HTTP API for an administrator.</summary>
    public async Task<ApiClient> AdminAsync() => new(Address, await TokenAsync("admin", admin: true));

    /// <summary>Nothing that happened made the server complain: no failure that someone must act on, no exception that nobody caught.</summary>
    public void AssertNoComplaint() => Assert.DoesNotContain(Process.Output.All, line => Complaint().IsMatch(line));

    /// <summary>A token with these rights, as one that is pasted into the page.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="access">Such as <c>*:read</c>.</param>
    public Task<string> TokenAsync(string user, string access) => AskForTokenAsync($"user={user}&access={Uri.EscapeDataString(access)}");

    private Task<string> TokenAsync(string user, bool admin = false) => AskForTokenAsync($"user={user}&admin={(admin ? "true" : "false")}");

    private async Task<string> AskForTokenAsync(string query)
    {
        using var http = new HttpClient { BaseAddress = Address };
        var answer = await http.GetStringAsync(new Uri($"dev/token?{query}", UriKind.Relative));
        return JsonSerializer.Deserialize(answer, CollabJson.Default.DevToken)!.Token;
    }

    private static void RequirePage()
    {
        var page = Path.Combine(Path.GetDirectoryName(Repository.AssemblyOf("src/Collab.Server"))!, "page", "index.html");
        if (!File.Exists(page))
        {
            throw new FileNotFoundException(
                $"The server was built without the web page: there is no {page}. Install Node 20 and build src/Collab.Server in {Repository.Configuration} again.");
        }
    }

    [GeneratedRegex("^(fail|crit): |Unhandled exception|UnobservedTaskException", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Complaint();
}
