using Collab.EndToEndTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Blazor;

/// <summary>The Blazor components in an interactive application, in real browsers, on a real server.</summary>
[Collection(Rough.Name)]
public sealed class BlazorSampleTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Two_visitors_steer_a_run_lose_the_server_and_have_lost_nothing()
    {
        await using var proxy = new TcpProxy(server.Address);
        await using var sample = await BlazorSample.StartAsync(proxy.BaseAddress);
        await using var anasBrowser = await chromium.Browser.NewContextAsync();
        await using var bensBrowser = await chromium.Browser.NewContextAsync(new() { ColorScheme = ColorScheme.Dark });
        ErrorWatch[] errors = [new(anasBrowser), new(bensBrowser)];
        var run = Guid.NewGuid();
        var ana = await sample.OpenAsync(anasBrowser, run, "ana");
        var ben = await sample.OpenAsync(bensBrowser, run, "ben");
        foreach (var page in new[] { ana, ben }) await Expect(page.Locator("header [data-testid='user-avatar']")).ToHaveCountAsync(2);
        await Expect(ana.GetByLabel("ana, you")).ToBeVisibleAsync();
        await Expect(ana.GetByLabel("ben, here now")).ToBeVisibleAsync();

        await ana.GetByLabel("Graft after ARCHITECT").ClickAsync();
        await Expect(Newest(ben)).ToContainTextAsync("ana grafted security-scanner-v1 after ARCHITECT");
        await Expect(ben.GetByTestId("notice")).ToHaveTextAsync("ana grafted security-scanner-v1 after ARCHITECT");
        await Expect(ben.Locator("[data-node-id='ARCHITECT']")).ToContainTextAsync("security-scanner-v1");
        await ben.GetByLabel("Prune DEVELOPER").ClickAsync();
        await Expect(Newest(ana)).ToContainTextAsync("ben pruned DEVELOPER");
        await ben.Locator("[data-node-id='SRE']").HoverAsync();
        await Expect(ana.GetByLabel("ben is here")).ToBeVisibleAsync();
        foreach (var page in new[] { ana, ben })
        {
            Nothing.In(await new Appearance(page).FaintTextsAsync());
            Nothing.In(await new Accessibility(page).NamelessAsync());
        }

        proxy.RefuseAll(true);
        foreach (var page in new[] { ana, ben }) await Expect(Word(page)).Not.ToHaveTextAsync("Connected");
        await ana.GetByLabel("Flag PM").ClickAsync();
        await Expect(ana.Locator(".panel [data-testid='queued-count']")).ToHaveTextAsync("1");
        proxy.RefuseAll(false);

        await Expect(Newest(ben)).ToContainTextAsync("ana flagged PM");
        foreach (var page in new[] { ana, ben })
        {
            await Expect(Word(page)).ToHaveTextAsync("Connected");
            Assert.Equal(["3", "2", "1"], await page.Locator("[data-sequence]").EvaluateAllAsync<string[]>("rows => rows.map((row) => row.dataset.sequence)"));
        }
        await Expect(ana.Locator(".panel [data-testid='queued-count']")).ToHaveTextAsync("0");

        // Whoever leaves the page takes their circuit along, and with it their connection.
        await ana.GotoAsync("about:blank");
        await Expect(ben.Locator("header [data-testid='user-avatar']")).ToHaveCountAsync(1);
        await ben.GotoAsync("about:blank");
        using var admin = await server.AdminAsync();
        await Eventually.TrueAsync(async () => (await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.ConnectionCount == 0);
        foreach (var watch in errors) watch.AssertNone();
        sample.AssertNoComplaint();
    }

    [Fact]
    public async Task On_a_phone_nothing_reaches_beyond_the_edge()
    {
        await using var sample = await BlazorSample.StartAsync(server.Address);
        await using var browser = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 360, Height = 740 } });
        var errors = new ErrorWatch(browser);
        var ana = await sample.OpenAsync(browser, Guid.NewGuid(), "somebody-with-a-name-that-goes-on-and-on-and-has-no-room-anywhere");
        var pill = ana.Locator("details[data-testid='connection-health']");

        await pill.Locator("> summary").ClickAsync();
        await Expect(pill.GetByText("Transport")).ToBeInViewportAsync(new() { Ratio = 1 });
        await ana.GetByLabel("Agent").FillAsync("an-agent-with-a-name-that-goes-on-and-on-and-has-no-room-anywhere-v1");
        await ana.GetByLabel("Graft after PM").ClickAsync();
        await Expect(Newest(ana)).ToContainTextAsync("an-agent-with-a-name");

        Nothing.In(await new Appearance(ana).BeyondTheEdgeAsync());
        errors.AssertNone();
        sample.AssertNoComplaint();
    }

    [Theory]
    [InlineData("left")]
    [InlineData("right")]
    public async Task The_pill_opens_towards_the_side_that_has_room(string side)
    {
        await using var sample = await BlazorSample.StartAsync(server.Address);
        await using var browser = await chromium.Browser.NewContextAsync();
        var ana = await sample.OpenAsync(browser, Guid.NewGuid(), "ana");
        var pill = ana.Locator("details[data-testid='connection-health']");
        await pill.EvaluateAsync("(pill, side) => Object.assign(pill.style, { position: 'fixed', top: '8px', [side]: '8px' })", side);

        await pill.Locator("> summary").ClickAsync();
        await Expect(pill.GetByRole(AriaRole.Group, new() { Name = "Connection details" })).ToBeInViewportAsync(new() { Ratio = 1 });
        Nothing.In(await new Appearance(ana).BeyondTheEdgeAsync());
        sample.AssertNoComplaint();
    }

    private static ILocator Newest(IPage page) => page.Locator("[data-sequence]").First;

    private static ILocator Word(IPage page) => page.Locator(".panel .word");
}
