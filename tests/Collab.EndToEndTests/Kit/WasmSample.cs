using System.Diagnostics;
using System.Text.Json;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>
/// The application of tests/Collab.WasmSample as it is deployed: published, so trimmed too, its files served by a server that knows nothing of Collab. Collab's is
/// at another origin, and allows this one.
/// </summary>
internal sealed class WasmSample : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("wasm");
    private WebApplication? _files;

    /// <summary>Where its pages are.</summary>
    public Uri Address => new(_files!.Urls.Single());

    private string WebRoot => Path.Combine(_folder.Path, "wwwroot");

    public static async Task<WasmSample> StartAsync()
    {
        var sample = new WasmSample();
        try
        {
            await sample.PublishAsync();
            sample._files = Serve(sample.WebRoot);
            await sample._files.StartAsync();
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells it by its configuration where the server is.</summary>
    public Task PointToAsync(Uri server) => File.WriteAllTextAsync(
        Path.Combine(WebRoot, "appsettings.json"),
        JsonSerializer.Serialize(new { Collab = new { Server = server } }));

    /// <summary>Opens a run for a visitor in a browser of their own, and waits until it is connected.</summary>
    public async Task<IPage> OpenAsync(IBrowserContext browser, Guid run, string user)
    {
        browser.SetDefaultTimeout((float)Patience.Default.TotalMilliseconds);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(Address, $"runs/{run}?user={user}").ToString());
        await Expect(page.Locator(".panel .word")).ToHaveTextAsync("Connected");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_files is not null) await _files.DisposeAsync();
        _folder.Dispose();
    }

    private static WebApplication Serve(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
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
        return app;
    }

    private async Task PublishAsync()
    {
        const string Project = "tests/Collab.WasmSample";
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] publish = ["publish", Path.Combine(Repository.Root, Project), "-c", Repository.Configuration, "--no-build", "-o", _folder.Path];
        _ = Repository.AssemblyOf(Project);
        await using var process = ChildProcess.Start(new ProcessStartInfo(dotnet, publish));
        if (await process.Exited.WaitAsync(Patience.Publishing) != 0) throw process.Failed("failed");
    }
}
