using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Look;

/// <summary>The page without a mouse, without eyes, on a phone, and without motion.</summary>
[Collection(Calm.Name)]
public sealed class AccessibilityTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Everything_on_the_page_of_a_run_is_reached_with_the_keyboard_and_has_a_name()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await PrepareAsync(run);
        var page = new Accessibility(ana.Page);

        Nothing.In(await page.NamelessAsync());
        // Notices go by themselves, which is no fault of the keyboard's.
        await ana.DismissAllAsync();
        Nothing.In(await page.OutOfReachAsync());

        await ana.Pipeline.Step("ARCHITECT").FocusAsync();
        await ana.Page.Keyboard.PressAsync("g");
        await Expect(ana.Pipeline.GraftDialog).ToBeVisibleAsync();
        Nothing.In(await page.NamelessAsync());
        await ana.Page.Keyboard.PressAsync("Escape");
        await Expect(ana.Pipeline.Step("ARCHITECT")).ToBeFocusedAsync();
        await ana.Page.Keyboard.PressAsync("f");
        await Expect(ana.Pipeline.FlagDialog).ToBeVisibleAsync();
        Nothing.In(await page.NamelessAsync());
        await ana.Page.Keyboard.PressAsync("Escape");
        await run.AgreeAsync();
    }

    [Fact]
    public async Task On_a_phone_nothing_reaches_beyond_the_edge()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await PrepareAsync(run, Devices.Phone);
        var appearance = new Appearance(ana.Page);

        Nothing.In(await appearance.BeyondTheEdgeAsync());
        Assert.Equal(0, await appearance.OverflowAsync());

        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Timeline" }).First.ClickAsync();
        await Expect(ana.Rows.First).ToBeInViewportAsync();
        Assert.Equal(0, await appearance.OverflowAsync());
        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Close the timeline" }).ClickAsync();
        await Expect(ana.Rows.First).ToBeHiddenAsync();

        // With a finger: a tap shows what can be done with a step.
        await ana.Pipeline.Step("SRE").TapAsync();
        await ana.Pipeline.Step("SRE").GetByTestId("graft-button").TapAsync();
        await Expect(ana.Pipeline.GraftDialog).ToBeInViewportAsync(new() { Ratio = 1 });
        Assert.Equal(0, await appearance.OverflowAsync());
        await ana.Page.GetByTestId("agent-name-input").FillAsync("docs-writer-v1");
        await ana.Page.GetByTestId("graft-submit").TapAsync();
        await Expect(ana.Pipeline.Step("docs-writer-v1")).ToBeVisibleAsync();
        await run.AgreeAsync();
    }

    [Theory]
    [InlineData(320, 225)]
    [InlineData(320, 640)]
    [InlineData(720, 450)]
    public async Task Enlarged_to_200_or_400_per_cent_nothing_reaches_beyond_the_edge_and_there_is_room_for_the_pipeline(int width, int height)
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await PrepareAsync(run, new() { ViewportSize = new() { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });
        await ana.DismissAllAsync();
        Nothing.In(await new Appearance(ana.Page).BeyondTheEdgeAsync());
        Assert.Equal(0, await new Appearance(ana.Page).OverflowAsync());
        Assert.InRange((await ana.Page.GetByTestId("canvas").BoundingBoxAsync())!.Height, 200, 2000);

        // The page may have to be scrolled to what is used.
        await ana.Page.Locator(".open-sheet").ClickAsync();
        await Expect(ana.Rows.First).ToBeInViewportAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await ana.Pipeline.Step("PM").FocusAsync();
        await Expect(ana.Pipeline.Step("PM")).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    [Fact]
    public async Task On_a_phone_the_hint_in_a_fresh_run_and_the_steps_do_not_cover_each_other()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", options: Devices.Phone);

        await Expect(ana.EmptyRun).ToBeInViewportAsync(new() { Ratio = 1 });
        var hint = (await ana.EmptyRun.BoundingBoxAsync())!;
        foreach (var step in await ana.Pipeline.Steps.AllAsync())
        {
            var box = (await step.BoundingBoxAsync())!;
            Assert.False(box.Y < hint.Y + hint.Height && hint.Y < box.Y + box.Height, $"A step from {box.Y} on and the hint from {hint.Y} on overlap.");
        }
    }

    [Fact]
    public async Task On_a_phone_the_timeline_takes_the_focus_and_gives_it_back()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await PrepareAsync(run, Devices.Phone);
        var open = ana.Page.Locator(".open-sheet");
        var close = ana.Page.GetByRole(AriaRole.Button, new() { Name = "Close the timeline" });

        await open.FocusAsync();
        await ana.Page.Keyboard.PressAsync("Enter");
        await Expect(close).ToBeFocusedAsync();
        await Expect(ana.Rows.First).ToBeInViewportAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await Expect(close).ToBeHiddenAsync();
        await Expect(open).ToBeFocusedAsync();

        // Closed, it leaves Escape to others.
        await ana.Pipeline.Step("SRE").FocusAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await Expect(ana.Pipeline.Step("SRE")).ToBeFocusedAsync();
        await run.AgreeAsync();
    }

    [Theory]
    [InlineData(ReducedMotion.Reduce)]
    [InlineData(ReducedMotion.NoPreference)]
    public async Task Who_wants_no_motion_gets_none(ReducedMotion wanted)
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await PrepareAsync(run, new() { ReducedMotion = wanted });
        var cyd = await run.ConnectAsync("cyd");
        await cyd.GraftAsync(run.Id, "PM", "cost-guard-v1");
        await Expect(ana.Pipeline.Step("cost-guard-v1")).ToBeVisibleAsync();

        var longest = await new Appearance(ana.Page).LongestMotionMsAsync();
        if (wanted == ReducedMotion.Reduce) Assert.InRange(longest, 0, 10);
        else Assert.InRange(longest, 50, 60_000);
        await run.AgreeAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Both_themes_are_easy_to_read(ColorScheme theme)
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await PrepareAsync(run, new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
        var appearance = new Appearance(ana.Page);

        Assert.InRange(await appearance.BackgroundLuminanceAsync(), theme == ColorScheme.Dark ? 0 : 0.7, theme == ColorScheme.Dark ? 0.1 : 1);
        Nothing.In(await appearance.FaintTextsAsync());
        // What came after the moment that is looked at steps back, and can still be read.
        await ana.Rows.Last.HoverAsync();
        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Go back to number 1" }).ClickAsync();
        await Expect(ana.Page.GetByTestId("past-bar")).ToBeVisibleAsync();
        Nothing.In(await appearance.FaintTextsAsync());
        await run.AgreeAsync();
    }

    [Fact]
    public async Task The_theme_that_the_switch_chose_holds_after_a_reload()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", options: new() { ColorScheme = ColorScheme.Light });
        var appearance = new Appearance(ana.Page);
        Assert.InRange(await appearance.BackgroundLuminanceAsync(), 0.7, 1);

        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Theme: system. Switch to light" }).ClickAsync();
        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Theme: light. Switch to dark" }).ClickAsync();
        await Eventually.TrueAsync(async () => await appearance.BackgroundLuminanceAsync() < 0.1);
        await ana.Page.ReloadAsync();
        await ana.IsConnectedAsync();
        Assert.InRange(await appearance.BackgroundLuminanceAsync(), 0, 0.1);
        await run.AgreeAsync();
    }

    /// <summary>A run in which there is something of everything: a graft with a long name, a pruned step, a flag, a cursor, a notice.</summary>
    private static async Task<Person> PrepareAsync(SharedRun run, BrowserNewContextOptions? options = null)
    {
        var ana = await run.JoinAsync("ana", options: options);
        var ben = await run.ConnectAsync("ben");
        await ben.GraftAsync(run.Id, "ARCHITECT", "an-agent-with-a-name-that-goes-on-and-on-and-has-no-room-anywhere-v1");
        await ben.PublishAsync(run.Id, "PRUNE", new { stepId = "DEVELOPER", isPruned = true });
        await ben.PublishAsync(run.Id, "FLAG", new { stepId = "SRE", note = "Look at this: https://example.com/a/very/long/address/without/any/blank/in/it" });
        await ben.MoveCursorAsync(run.Id, "PM");
        await ana.Pipeline.IsFlaggedAsync("SRE");
        await Expect(ana.Pipeline.CursorOf("ben", "PM")).ToBeVisibleAsync();
        return ana;
    }
}
