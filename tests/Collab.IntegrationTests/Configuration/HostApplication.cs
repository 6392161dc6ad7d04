using System.Net;
using Collab.AspNetCore;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Collab.IntegrationTests.Configuration;

/// <summary>An application of somebody's own, in this process, to which Collab is added as a library: on SQLite, at a free port of 127.0.0.1.</summary>
internal sealed class HostApplication : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;

    private HostApplication(TemporaryFolder folder, WebApplication app) => (_folder, _app) = (folder, app);

    public Uri Address => new(_app.Urls.Single());

    public IServiceProvider Services => _app.Services;

    /// <summary>Builds and starts it.</summary>
    /// <param name="add">Adds to the services what the application is about, before Collab does.</param>
    /// <param name="collab">Goes on from <c>AddCollab()</c>.</param>
    /// <param name="use">Its middleware and endpoints, <c>MapCollab</c> included.</param>
    /// <param name="addAfter">Adds to the services after Collab.</param>
    public static async Task<HostApplication> StartAsync(
        Action<IServiceCollection> add, Action<CollabBuilder> collab, Action<WebApplication> use, Action<IServiceCollection>? addAfter = null)
    {
        var folder = new TemporaryFolder("application");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = folder.Path });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Collab:Auth:SigningKey", TestTokens.Key)]);
        add(builder.Services);
        collab(builder.Services.AddCollab().UseSqlite(folder["events.db"]));
        addAfter?.Invoke(builder.Services);
        var application = new HostApplication(folder, builder.Build());
        use(application._app);
        await application._app.StartAsync();
        return application;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
