using System.Net.Http.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.Kit;

/// <summary>A server as <c>dotnet run --project src/Collab.Server</c> starts it: it gives a token to whoever asks.</summary>
public sealed class DevelopmentServer : IAsyncLifetime
{
    private ServerProcess? _process;

    public ServerProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    /// <summary>Says where it is.</summary>
    public Dictionary<string, string> Environment => new() { ["COLLAB_SERVER"] = Process.BaseAddress.AbsoluteUri };

    public async Task InitializeAsync() => _process = await ServerProcess.StartAsync(new ServerSettings
    {
        Environment = "Development",
        Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null, ["Collab:Retention:EventsPerRun"] = "100" },
    });

    public async Task DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Somebody else, with all rights.</summary>
    public async Task<ApiClient> ClientAsync(string user)
    {
        using var http = new HttpClient { BaseAddress = Process.BaseAddress };
        var token = await http.GetFromJsonAsync($"dev/token?user={user}&admin=true", CollabJson.Default.DevToken);
        return new ApiClient(Process.BaseAddress, token!.Token);
    }
}
