using System.Net.Http.Json;
using System.Text.Json;
using Collab.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Collab.EmbeddedSampleTests;

// <application>
/// <summary>The application, in this process, on a SQLite file of its own and a free port.</summary>
public sealed class Application : WebApplicationFactory<Program>
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("application-");

    public Application() => UseKestrel(port: 0);

    public Uri Address => ClientOptions.BaseAddress;

    protected override void ConfigureWebHost(IWebHostBuilder builder) =>
        builder.UseEnvironment("Development").UseSetting("Collab:Store:Path", Path.Combine(_folder.FullName, "collab.db"));

    /// <summary>A client as a user has it, over a WebSocket.</summary>
    public CollabClient CreateCollabClient(string user) => new(new CollabClientOptions
    {
        BaseAddress = Address,
        Token = async stop =>
        {
            using var http = CreateClient();
            return (await http.GetFromJsonAsync<JsonElement>($"dev/token?user={user}", stop)).GetProperty("token").GetString()!;
        },
    });

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_folder.Exists) _folder.Delete(recursive: true);
    }
}
// </application>
