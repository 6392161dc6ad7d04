using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Collab.TestKit;

/// <summary>The files of a page, served by something that knows nothing of Collab.</summary>
public sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FileServer(WebApplication app) => _app = app;

    /// <summary>Where its pages are.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Serves a folder.</summary>
    /// <param name="folder">The folder, with an <c>index.html</c>.</param>
    /// <param name="address">Where to listen; null: a free port.</param>
    public static async Task<FileServer> StartAsync(string folder, Uri? address = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0");
        var app = builder.Build();
        var files = new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            ServeUnknownFileTypes = true,
            OnPrepareResponse = answer => answer.Context.Response.Headers.CacheControl = "no-cache",
        };
        app.UseStaticFiles(files);
        // What is no file is a page, and its router knows which.
        app.MapFallbackToFile("index.html", files);
        await app.StartAsync();
        return new FileServer(app);
    }

    /// <summary>Ends it.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
