using System.Text.RegularExpressions;
using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Look;

/// <summary>The first page a visitor sees, and the way from there into a run.</summary>
[Collection(Calm.Name)]
public sealed class HomeTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task A_visitor_starts_a_run_says_who_they_are_and_is_remembered()
    {
        await using var context = await chromium.Browser.NewContextAsync();
        var errors = new ErrorWatch(context);
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Address.ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();

        // Chromium closes a dialog on the second Escape, whatever the page says.
        for (var i = 0; i < 3; i++) await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Your name").FillAsync("dana");
        await page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        var dana = new Person("dana", page, new Uri(page.Url));
        await dana.IsConnectedAsync();
        await dana.SeesAsync("dana");
        await Expect(dana.EmptyRun).ToBeVisibleAsync();
        await dana.Pipeline.GraftAsync("PM", "docs-writer-v1");
        await Expect(dana.Rows).ToContainTextAsync(["dana grafted docs-writer-v1 after PM"]);

        await page.ReloadAsync();
        await dana.SeesAsync("dana");
        await page.GetByRole(AriaRole.Link, new() { Name = "All runs" }).ClickAsync();
        var row = page.GetByTestId("run-list").GetByRole(AriaRole.Listitem).First;
        await Expect(row).ToContainTextAsync("dana grafted docs-writer-v1 after PM");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await dana.SeesAsync("dana");
        await dana.Pipeline.ConsistsOfAsync("PM", "docs-writer-v1", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE");
        errors.AssertNone();
    }

    [Fact]
    public async Task The_list_of_runs_is_for_everybody()
    {
        await using var robot = await server.ConnectAsync("robot");
        await robot.GraftAsync(Guid.NewGuid());
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 360, Height = 740 } });
        var errors = new ErrorWatch(context);
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Address.ToString());
        await Expect(page.GetByTestId("run-list").GetByRole(AriaRole.Listitem).First).ToBeVisibleAsync();

        Assert.Equal(0, await new Appearance(page).OverflowAsync());
        Nothing.In(await new Accessibility(page).NamelessAsync());
        Nothing.In(await new Accessibility(page).OutOfReachAsync());
        Nothing.In(await new Appearance(page).FaintTextsAsync());
        errors.AssertNone();
    }

    [Fact]
    public async Task A_run_is_found_by_its_title_however_far_down_it_is_also_by_who_gets_the_link()
    {
        await using var titled = await DemoServer.StartAsync(hasTitles: true);
        await using var robot = await titled.ConnectAsync("robot");
        var run = Guid.NewGuid();
        await robot.PublishAsync(run, "RUN_TITLE", new { of = "run", title = "Café Straße" });
        for (var i = 0; i < 25; i++) await robot.GraftAsync(Guid.NewGuid());
        await using var context = await chromium.Browser.NewContextAsync();
        context.SetDefaultTimeout((float)Patience.Default.TotalMilliseconds);
        var errors = new ErrorWatch(context);
        var page = await context.NewPageAsync();
        await page.GotoAsync(titled.Address.ToString());
        var rows = page.GetByTestId("run-list").GetByRole(AriaRole.Listitem);
        await Expect(rows).ToHaveCountAsync(20);

        await page.GetByTestId("run-search").FillAsync("ＣＡＦＥ strasse");
        await Expect(page.GetByTestId("run-found")).ToHaveTextAsync("1 run found");
        await Expect(rows.Locator("code")).ToHaveTextAsync([run.ToString()]);
        await Expect(page).ToHaveURLAsync(new Regex("[?]q=", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await page.ReloadAsync();
        await Expect(rows.Locator("strong")).ToHaveTextAsync(["Café Straße"]);
        await Expect(page.GetByTestId("run-search")).ToHaveValueAsync("ＣＡＦＥ strasse");
        errors.AssertNone();
    }

    [Fact]
    public async Task Looking_at_the_past_shows_the_pipeline_as_it_was_and_changes_nothing()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await ana.Pipeline.GraftAsync("PM", "docs-writer-v1");
        await ana.Pipeline.PruneAsync("SRE");
        await ben.Pipeline.IsPrunedAsync("SRE");

        await ben.Rows.Last.HoverAsync();
        await ben.Page.GetByRole(AriaRole.Button, new() { Name = "Go back to number 1" }).ClickAsync();
        await Expect(ben.Page.GetByTestId("past-bar")).ToContainTextAsync("You are looking at the past");
        await ben.Pipeline.IsPrunedAsync("SRE", pruned: false);
        await Expect(ben.Pipeline.Step("docs-writer-v1")).ToBeVisibleAsync();
        await ana.Pipeline.FlagAsync("PM", "Meanwhile");
        await Expect(ben.Page.GetByTestId("past-bar")).ToContainTextAsync("1 newer event since");
        await Expect(ben.Pipeline.Step("PM").GetByTestId("prune-button")).ToBeDisabledAsync();

        await ben.Page.GetByRole(AriaRole.Button, new() { Name = "Back to live" }).ClickAsync();
        await ben.Pipeline.IsFlaggedAsync("PM");
        await ben.Pipeline.IsPrunedAsync("SRE");
        Assert.Equal(3, (await run.AgreeAsync()).Count);
    }
}
