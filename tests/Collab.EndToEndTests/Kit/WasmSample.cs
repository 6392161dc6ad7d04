using System.Diagnostics;
using System.Text.Json;
using Collab.TestKit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>
/// The application of docs/examples/blazor-wasm/RunViewer as it may be deployed: published, so trimmed too, its files served by a server that knows nothing of Collab. Collab's is
/// at another origin, and allows this one.
/// </summary>
internal sealed class WasmSample : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("wasm");
    private FileServer? _files;

    /// <summary>Where its pages are.</summary>
    public Uri Address => _files!.Address;

    private string WebRoot => Path.Combine(_folder.Path, "wwwroot");

    public static async Task<WasmSample> StartAsync()
    {
        var sample = new WasmSample();
        try
        {
            await sample.PublishAsync();
            sample._files = await FileServer.StartAsync(sample.WebRoot);
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

    private async Task PublishAsync()
    {
        const string Project = "docs/examples/blazor-wasm/RunViewer";
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] publish = ["publish", Path.Combine(Repository.Root, Project), "-c", Repository.Configuration, "--no-build", "-o", _folder.Path];
        _ = Repository.AssemblyOf(Project);
        await using var process = ChildProcess.Start(new ProcessStartInfo(dotnet, publish));
        if (await process.Exited.WaitAsync(Patience.Publishing) != 0) throw process.Failed("failed");
    }
}
