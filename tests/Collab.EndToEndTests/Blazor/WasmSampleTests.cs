using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Blazor;

/// <summary>The Blazor components and the .NET client under them inside of real browsers: WebAssembly, no process of their own.</summary>
[Collection(Rough.Name)]
public sealed class WasmSampleTests(Chromium chromium)
{
    [Fact]
    public async Task A_published_WebAssembly_application_joins_a_run_and_steers_it_from_another_origin()
    {
        await using var sample = await WasmSample.StartAsync();
        await using var server = await ServerProcess.StartAsync(SettingsFor(sample));
        await using var proxy = new TcpProxy(server.BaseAddress);
        await sample.PointToAsync(proxy.BaseAddress);
        await using var anasBrowser = await chromium.Browser.NewContextAsync();
        await using var bensBrowser = await chromium.Browser.NewContextAsync();
        ErrorWatch[] errors = [new(anasBrowser), new(bensBrowser)];
        var run = Guid.NewGuid();
        var ana = await sample.OpenAsync(anasBrowser, run, "ana");
        var ben = await sample.OpenAsync(bensBrowser, run, "ben");
        await Expect(ana.GetByLabel("ben, here now")).ToBeVisibleAsync();

        await ana.GetByLabel("Graft after ARCHITECT").ClickAsync();
        foreach (var page in new[] { ana, ben })
        {
            await Expect(Newest(page)).ToContainTextAsync("ana grafted security-scanner-v1 after ARCHITECT");
            await Expect(page.Locator("[data-node-id='ARCHITECT']")).ToContainTextAsync("security-scanner-v1");
        }
        await ben.Locator("[data-node-id='SRE']").HoverAsync();
        await Expect(ana.GetByLabel("ben is here")).ToBeVisibleAsync();

        foreach (var watch in errors) watch.NetworkBreaks = true;
        proxy.Cut(_ => true);
        await ben.GetByLabel("Prune DEVELOPER").ClickAsync();
        await Expect(Newest(ana)).ToContainTextAsync("ben pruned DEVELOPER");
        await Expect(ana.Locator("[data-sequence]")).ToHaveCountAsync(2);
        foreach (var watch in errors) watch.AssertNone();
    }

    /// <summary>A server in Development that lets pages of the application's origin call.</summary>
    private static ServerSettings SettingsFor(WasmSample sample) => new()
    {
        Environment = "Development",
        Configuration = new Dictionary<string, string?>
        {
            ["Collab:Auth:SigningKey"] = null,
            ["Collab:Cors:Origins:0"] = sample.Address.GetLeftPart(UriPartial.Authority),
        },
    };

    private static ILocator Newest(IPage page) => page.Locator("[data-sequence]").First;
}
