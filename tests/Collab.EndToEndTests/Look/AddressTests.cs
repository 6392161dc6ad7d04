using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Look;

/// <summary>The page at addresses that nobody planned for.</summary>
[Collection(Calm.Name)]
public sealed class AddressTests(Chromium chromium, DemoServer server)
{
    [Theory]
    [InlineData("nothing/of/this/kind")]
    [InlineData("ADMIN/x")]
    public async Task An_unknown_address_says_so_and_leads_to_the_runs(string path)
    {
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();

        var answer = await page.GotoAsync(new Uri(server.Address, path).ToString());

        Assert.Equal(404, answer!.Status);
        await Expect(page.GetByTestId("not-found")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "All runs" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(server.Address.ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_page_of_components_is_there_in_Development_only()
    {
        await using var production = await ServerProcess.StartAsync(new ServerSettings());
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();

        await page.GotoAsync(new Uri(server.Address, "components").ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Components", Exact = true })).ToBeVisibleAsync();

        var answer = await page.GotoAsync(new Uri(production.BaseAddress, "components").ToString());
        Assert.Equal(404, answer!.Status);
        await Expect(page.GetByTestId("not-found")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Everything_works_below_a_path_that_a_proxy_takes_away()
    {
        await using var network = new Network(server) { Prefix = "/tenant/one/" };
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");

        await ana.SendGraftsAsync(3);

        Assert.StartsWith("/tenant/one/runs/", new Uri(ana.Page.Url).AbsolutePath, StringComparison.Ordinal);
        Assert.Equal(3, (await run.AgreeAsync()).Count);
        await ben.SeesAsync("ana", "ben");
        Assert.Equal("live", await ana.Page.EvaluateAsync<string>("window.collaborationStore.connection().kind"));
        await ana.Page.GetByRole(AriaRole.Link, new() { Name = "All runs" }).ClickAsync();
        await Expect(ana.Page.GetByTestId("run-list").GetByRole(AriaRole.Link)).Not.ToHaveCountAsync(0);
        Assert.Equal("/tenant/one/", new Uri(ana.Page.Url).AbsolutePath);
        await ana.Page.ReloadAsync();
        await Expect(ana.Page.GetByTestId("run-list").GetByRole(AriaRole.Link)).Not.ToHaveCountAsync(0);
    }
}
