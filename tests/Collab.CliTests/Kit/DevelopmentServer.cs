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

    /// <summary>Publishes 160 events, and waits until the server has let go of the oldest: it keeps 100.</summary>
    public async Task TrimAsync(Guid run)
    {
        using var somebody = await ClientAsync("somebody");
        var first = (await somebody.ReplayAsync(run)).Value.LastSequence + 1;
        for (var i = 0; i < 8; i++) await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PublishAsync()));
        await Eventually.TrueAsync(async () => (await somebody.ReplayAsync(run)).Value.OldestSequence > first);

        async Task PublishAsync()
        {
            // Each as somebody of his own: the server has a limit for one.
            using var one = await ClientAsync(Guid.NewGuid().ToString());
            await one.PublishAsync(run, "FLAG", new { stepId = "PM" });
        }
    }
}
