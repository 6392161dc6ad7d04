using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.PackageTests;

/// <summary>Fresh applications of both kinds of Blazor, published as they are deployed, in a browser.</summary>
[Collection(Packages.Name)]
public sealed partial class BlazorTests(Packages packages, Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Pages_of_Blazor_Server_and_of_Blazor_WebAssembly_take_part_in_one_run()
    {
        var server = await packages.ServerAsync();
        await using var serverApp = await StartServerAppAsync(server);
        await using var wasmApp = await StartWasmAppAsync(server);
        await using var browser = await chromium.Browser.NewContextAsync();
        browser.SetDefaultTimeout((float)Patience.Process.TotalMilliseconds);
        var errors = new ErrorWatch(browser);
        var run = Guid.NewGuid();

        var address = new Uri((await serverApp.WaitForLineAsync(Listening())).Groups["address"].Value);
        var serena = await OpenAsync(browser, new Uri(address, $"runs/{run}"));
        var wanda = await OpenAsync(browser, new Uri(wasmApp.Address, $"runs/{run}"));
        await serena.GetByText("Graft", new() { Exact = true }).ClickAsync();
        await Expect(wanda.Locator("[data-sequence]").First).ToContainTextAsync("serena grafted by-serena after ARCHITECT");
        await wanda.GetByText("Graft", new() { Exact = true }).ClickAsync();

        await Expect(serena.Locator("[data-sequence]").First).ToContainTextAsync("wanda grafted by-wanda after ARCHITECT");
        foreach (var page in new[] { serena, wanda }) await Expect(page.Locator("[data-testid='user-avatar']")).ToHaveCountAsync(2);
        errors.AssertNone();
    }

    private static async Task<IPage> OpenAsync(IBrowserContext browser, Uri address)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(address.ToString());
        await Expect(page.Locator(".panel .word")).ToHaveTextAsync("Connected", new() { Timeout = (float)Patience.Process.TotalMilliseconds });
        return page;
    }

    private async Task<ChildProcess> StartServerAppAsync(FreshServer server)
    {
        var folder = await PublishAsync("blazor-server");
        var start = packages.Start("dotnet", folder, "blazor-server.dll", "--urls", "http://127.0.0.1:0", "--Server", server.Address.ToString());
        return ChildProcess.Start(start);
    }

    private async Task<FileServer> StartWasmAppAsync(FreshServer server)
    {
        var pages = Path.Combine(await PublishAsync("blazor-wasm"), "wwwroot");
        await File.WriteAllTextAsync(Path.Combine(pages, "appsettings.json"), JsonSerializer.Serialize(new { Server = server.Address }));
        return await FileServer.StartAsync(pages, server.Pages);
    }

    private async Task<string> PublishAsync(string name)
    {
        var folder = await packages.CopyProjectAsync(name, with: "blazor-pages");
        await packages.DotnetAsync(folder, "publish", "-o", "out");
        return Path.Combine(folder, "out");
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Listening();
}
