using Collab.EndToEndTests.Kit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Look;

/// <summary>axe-core finds nothing, in whatever state the page is.</summary>
[Collection(Calm.Name)]
public sealed class AxeTests(Chromium chromium, DemoServer server)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_run_has_no_fault_in_any_of_its_states(ColorScheme theme)
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", options: new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
        Nothing.In(await Axe.FaultsAsync(ana.Page));

        var ben = await run.ConnectAsync("ben");
        await ben.GraftAsync(run.Id, "ARCHITECT", "security-scanner-v1");
        await ben.PublishAsync(run.Id, "FLAG", new { stepId = "SRE", note = "Who is on call?" });
        await ben.MoveCursorAsync(run.Id, "PM");
        await ana.Pipeline.IsFlaggedAsync("SRE");
        await Expect(ana.Pipeline.CursorOf("ben", "PM")).ToBeVisibleAsync();
        await ana.Pipeline.PruneAsync("DEVELOPER");
        await Expect(ana.Page.GetByTestId("undo")).ToBeVisibleAsync();
        Nothing.In(await Axe.FaultsAsync(ana.Page));

        await ana.Pipeline.Step("ARCHITECT").FocusAsync();
        foreach (var (key, dialog) in new[] { ("g", "graft-dialog"), ("f", "flag-dialog"), ("?", "shortcuts-dialog") })
        {
            await ana.Page.Keyboard.PressAsync(key);
            await Expect(ana.Page.GetByTestId(dialog)).ToBeVisibleAsync();
            Nothing.In(await Axe.FaultsAsync(ana.Page));
            await ana.Page.Keyboard.PressAsync("Escape");
            await Expect(ana.Page.GetByTestId(dialog)).ToBeHiddenAsync();
        }

        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Go back to number 1" }).FocusAsync();
        await ana.Page.Keyboard.PressAsync("Enter");
        await Expect(ana.Page.GetByTestId("past-bar")).ToBeVisibleAsync();
        Nothing.In(await Axe.FaultsAsync(ana.Page));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Nor_has_a_run_that_is_polled(ColorScheme theme)
    {
        await using var network = new Network(server) { BreaksWebSockets = true };
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network, options: new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
        await Expect(ana.FallbackWarning).ToBeVisibleAsync();
        Nothing.In(await Axe.FaultsAsync(ana.Page));
    }

    [Theory]
    [InlineData("", ColorScheme.Light)]
    [InlineData("", ColorScheme.Dark)]
    [InlineData("admin", ColorScheme.Light)]
    [InlineData("admin", ColorScheme.Dark)]
    [InlineData("nowhere", ColorScheme.Light)]
    [InlineData("components", ColorScheme.Light)]
    [InlineData("components", ColorScheme.Dark)]
    public async Task Nor_has_any_other_page(string address, ColorScheme theme)
    {
        await using var robot = await server.ConnectAsync("robot");
        await robot.GraftAsync(Guid.NewGuid());
        await using var context = await chromium.Browser.NewContextAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(server.Address, address).ToString());
        await Expect(page.Locator("h1")).ToBeVisibleAsync();
        if (address is "components") await Expect(page.Locator("collab-timeline")).Not.ToHaveCountAsync(0);
        if (address.Length == 0) await Expect(page.GetByTestId("run-list")).ToBeVisibleAsync();
        Nothing.In(await Axe.FaultsAsync(page));
    }
}
