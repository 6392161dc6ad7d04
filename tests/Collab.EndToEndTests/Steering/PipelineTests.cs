using Collab.EndToEndTests.Kit;
using Collab.Protocol;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>Several people change one pipeline, and all of them see the same.</summary>
[Collection(Calm.Name)]
public sealed class PipelineTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task What_three_people_do_with_the_mouse_all_three_see()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var cyd = await run.JoinAsync("cyd");
        Person[] all = [ana, ben, cyd];
        foreach (var person in all) await person.Pipeline.IsUntouchedAsync();

        await ana.Pipeline.GraftAsync("ARCHITECT", "security-scanner-v1");
        foreach (var person in all)
        {
            await person.Pipeline.ConsistsOfAsync("PM", "QUALIFIER", "ARCHITECT", "security-scanner-v1", "DEVELOPER", "SRE");
            await Expect(person.Pipeline.Step("security-scanner-v1")).ToHaveAttributeAsync("data-kind", "graft");
        }

        await ben.Pipeline.PruneAsync("security-scanner-v1");
        await cyd.Pipeline.FlagAsync("SRE", "Who is on call?");
        foreach (var person in all)
        {
            await person.Pipeline.IsPrunedAsync("security-scanner-v1");
            await person.Pipeline.IsFlaggedAsync("SRE");
            await Expect(person.Rows).ToContainTextAsync(
                ["cyd flagged SRE: “Who is on call?”", "ben pruned security-scanner-v1", "ana grafted security-scanner-v1 after ARCHITECT"]);
        }
        await ana.Pipeline.Step("SRE").GetByTestId("flag-badge").HoverAsync();
        await Expect(ana.Pipeline.Step("SRE").GetByTestId("flag-note")).ToContainTextAsync("Who is on call?");

        await cyd.Pipeline.PruneAsync("security-scanner-v1");
        foreach (var person in all) await person.Pipeline.IsPrunedAsync("security-scanner-v1", pruned: false);

        var events = await run.AgreeAsync();
        Assert.Equal(
            [(EventTypes.Graft, "ana"), (EventTypes.Prune, "ben"), (EventTypes.Flag, "cyd"), (EventTypes.Prune, "cyd")],
            events.Select(e => (e.EventType, e.UserId)));
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var keyboard = ana.Page.Keyboard;

        await ana.TabToAsync(ana.Pipeline.Step("PM"));
        await keyboard.PressAsync("ArrowRight");
        await Expect(ana.Pipeline.Step("QUALIFIER")).ToBeFocusedAsync();

        // Thought better of it: nothing happens, and the step has the focus again.
        await keyboard.PressAsync("g");
        await Expect(ana.Pipeline.GraftDialog).ToBeVisibleAsync();
        await keyboard.PressAsync("Escape");
        await Expect(ana.Pipeline.GraftDialog).ToBeHiddenAsync();
        await Expect(ana.Pipeline.Step("QUALIFIER")).ToBeFocusedAsync();

        await keyboard.PressAsync("g");
        await Expect(ana.Page.GetByTestId("agent-name-input")).ToBeFocusedAsync();
        await keyboard.TypeAsync("cost-guard-v1");
        await keyboard.PressAsync("Enter");
        await ben.Pipeline.ConsistsOfAsync("PM", "QUALIFIER", "cost-guard-v1", "ARCHITECT", "DEVELOPER", "SRE");

        await keyboard.PressAsync("End");
        await Expect(ana.Pipeline.Step("SRE")).ToBeFocusedAsync();
        await keyboard.PressAsync("f");
        await Expect(ana.Page.GetByTestId("flag-note-input")).ToBeFocusedAsync();
        await keyboard.TypeAsync("Slow since Monday");
        await keyboard.PressAsync("Control+Enter");
        await ben.Pipeline.IsFlaggedAsync("SRE");

        await keyboard.PressAsync("Home");
        await keyboard.PressAsync("p");
        await ben.Pipeline.IsPrunedAsync("PM");
        await ana.TabToAsync(ana.Pipeline.Step("PM").GetByTestId("prune-button"));
        await keyboard.PressAsync("Enter");
        await ben.Pipeline.IsPrunedAsync("PM", pruned: false);

        var events = await run.AgreeAsync();
        Assert.Equal([EventTypes.Graft, EventTypes.Flag, EventTypes.Prune, EventTypes.Prune], events.Select(e => e.EventType));
    }

    [Fact]
    public async Task What_three_people_do_at_the_same_time_has_one_order_for_all()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var cyd = await run.JoinAsync("cyd");

        await Task.WhenAll(ana.SendGraftsAsync(20), ben.SendGraftsAsync(20), cyd.SendGraftsAsync(20));

        var events = await run.AgreeAsync();
        Assert.Equal(60, events.Count);
        Log.IsInOrderOfSending(events, "ana", "ben", "cyd");
    }

    [Fact]
    public async Task A_late_joiner_sees_the_whole_pipeline_and_the_timeline_and_is_not_told_of_what_is_past()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.ConnectAsync("ben");
        await ana.Pipeline.GraftAsync("PM", "docs-writer-v1");
        await ana.Pipeline.PruneAsync("QUALIFIER");
        await Task.WhenAll(Enumerable.Range(1, 250).Select(n => ben.GraftAsync(run.Id, "ARCHITECT", $"ben-{n}")));
        await ben.PublishAsync(run.Id, EventTypes.Flag, new { stepId = "SRE", note = "Before you came" });

        var cyd = await run.JoinAsync("cyd");
        await cyd.Pipeline.IsFlaggedAsync("SRE");
        Assert.Equal(253, (await run.AgreeAsync()).Count);
        await cyd.Pipeline.IsPrunedAsync("QUALIFIER");
        await cyd.Pipeline.ConsistsOfAsync("PM", "docs-writer-v1", "QUALIFIER", "ARCHITECT", "ben-250", "DEVELOPER", "SRE");
        await Expect(cyd.NoticesOf("graft").Or(cyd.NoticesOf("flag")).Or(cyd.NoticesOf("prune"))).ToHaveCountAsync(0);

        // The oldest are there too, when asked for.
        await cyd.Page.GetByRole(AriaRole.Button, new() { Name = "Show older events" }).ClickAsync();
        await cyd.Page.GetByRole(AriaRole.Button, new() { Name = "Show older events" }).ClickAsync();
        await Expect(cyd.Rows).ToHaveCountAsync(253);
        await Expect(cyd.Rows.Last).ToContainTextAsync("ana grafted docs-writer-v1 after PM");
    }
}
