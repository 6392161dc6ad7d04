using Collab.EndToEndTests.Kit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>What a page shows to who may only look, and to who may not even that.</summary>
[Collection(Calm.Name)]
public sealed class RightsTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Who_may_only_look_is_offered_nothing_else()
    {
        var run = Guid.NewGuid();
        await using var context = await chromium.Browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        var page = await OpenAsync(context, run, "*:read");
        await Expect(page.GetByTestId("connection-bar")).ToContainTextAsync("You can look, but not change");
        await Expect(page.GetByTestId("empty-run")).ToContainTextAsync("Nothing has happened yet");
        var pipeline = new Pipeline(page);
        await pipeline.IsUntouchedAsync();

        await pipeline.HoverAsync("PM");
        foreach (var one in new[] { "graft-button", "prune-button", "flag-button", "run-menu" }) await Expect(page.GetByTestId(one)).ToHaveCountAsync(0);
        await pipeline.Step("PM").FocusAsync();
        foreach (var key in new[] { "g", "p", "f" }) await page.Keyboard.PressAsync(key);
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByTestId("shortcuts-dialog")).ToContainTextAsync("Find a step");
        await Expect(page.GetByTestId("shortcuts-dialog")).Not.ToContainTextAsync("Graft");
        Nothing.In(await Axe.FaultsAsync(page));
    }

    [Fact]
    public async Task Who_may_not_read_a_run_sees_no_steps_that_it_may_not_have()
    {
        var run = Guid.NewGuid();
        await using var context = await chromium.Browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        var page = await OpenAsync(context, run, $"{Guid.NewGuid()}:write");
        await Expect(page.GetByTestId("connection-bar")).ToContainTextAsync("You have no right to see this run.");
        await Expect(page.GetByTestId("unread")).ToHaveTextAsync("A run is shown to those who may read it.");
        await Expect(page.Locator("[data-node-id]")).ToHaveCountAsync(0);
        Nothing.In(await Axe.FaultsAsync(page));
    }

    private async Task<IPage> OpenAsync(IBrowserContext context, Guid run, string access)
    {
        var token = await server.TokenAsync("eve", access);
        await context.AddInitScriptAsync($"sessionStorage.setItem('collab.token', '{token}')");
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(server.Address, $"runs/{run}").ToString());
        return page;
    }
}
