using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Examples;

/// <summary>The page of docs/examples/identity: people with accounts, cookies and no token.</summary>
[Collection(Rough.Name)]
public sealed class IdentityExampleTests(Chromium chromium)
{
    [Fact]
    public async Task Two_people_register_and_steer_a_run_that_a_third_does_not_get_into()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Project = "docs/examples/identity",
            Environment = "Development",
            Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null },
        });
        await using var anasBrowser = await chromium.Browser.NewContextAsync();
        await using var bensBrowser = await chromium.Browser.NewContextAsync(new() { ColorScheme = ColorScheme.Dark });
        ErrorWatch[] errors = [new(anasBrowser), new(bensBrowser)];
        var ana = await RegisterAsync(anasBrowser, server, "Ana Lima");
        var ben = await RegisterAsync(bensBrowser, server, "Ben Okafor");

        await ana.GetByText("Begin a run").ClickAsync();
        await Expect(ana.Locator("#people")).ToHaveTextAsync("Ana Lima");
        await ana.Locator("#invite [name=email]").FillAsync(AddressOf("Ben Okafor"));
        await ana.GetByText("Invite").ClickAsync();
        await Expect(ana.Locator("#message")).ToContainTextAsync("may take part now");
        await ben.GotoAsync(ana.Url);
        foreach (var page in new[] { ana, ben }) await Expect(page.Locator("#people")).ToContainTextAsync("Ben Okafor");

        await ben.GetByRole(AriaRole.Button, new() { Name = "Graft" }).ClickAsync();
        foreach (var page in new[] { ana, ben })
        {
            await Expect(page.Locator("#events li")).ToHaveTextAsync(["Ben Okafor grafted security-scanner-v1 after ARCHITECT"]);
            Nothing.In(await new Appearance(page).FaintTextsAsync());
            Nothing.In(await new Accessibility(page).NamelessAsync());
        }
        foreach (var watch in errors) watch.AssertNone();

        await using var evesBrowser = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 360, Height = 740 } });
        var eve = await RegisterAsync(evesBrowser, server, "Eve Novak");
        await eve.GotoAsync(ana.Url);
        await Expect(eve.Locator("#message")).ToContainTextAsync("no right");
        await Expect(eve.Locator("#run")).ToBeHiddenAsync();
        Nothing.In(await new Appearance(eve).BeyondTheEdgeAsync());
    }

    [Fact]
    public async Task A_restart_signs_nobody_out_and_loses_nothing()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Project = "docs/examples/identity", Environment = "Development" });
        await using var browser = await chromium.Browser.NewContextAsync();
        var ana = await RegisterAsync(browser, server, "Ana Lima");
        await ana.GetByText("Begin a run").ClickAsync();
        await ana.GetByRole(AriaRole.Button, new() { Name = "Graft" }).ClickAsync();
        await Expect(ana.Locator("#events li")).ToHaveCountAsync(1);

        await server.KillAsync();
        await server.StartAgainAsync();
        await ana.GetByRole(AriaRole.Button, new() { Name = "Graft" }).ClickAsync();

        await Expect(ana.Locator("#events li")).ToHaveCountAsync(2);
    }

    private static string AddressOf(string name) => $"{name.Split(' ')[0].ToLowerInvariant()}@example.com";

    private static async Task<IPage> RegisterAsync(IBrowserContext browser, ServerProcess server, string name)
    {
        browser.SetDefaultTimeout((float)Patience.Default.TotalMilliseconds);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(server.BaseAddress.ToString());
        await page.Locator("[name=email]").First.FillAsync(AddressOf(name));
        await page.Locator("[name=password]").FillAsync("correct horse battery");
        await page.Locator("#account [name=name]").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(page.Locator("#me")).ToHaveTextAsync(name);
        return page;
    }
}
