using Collab.EndToEndTests.Kit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>A run is ended on the page, and everybody sees what came of it.</summary>
[Collection(Calm.Name)]
public sealed class EndedRunTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Who_ends_a_run_is_asked_first_and_then_nobody_can_change_it()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await ana.Pipeline.PruneAsync("SRE");
        await ben.Pipeline.IsPrunedAsync("SRE");

        await ana.Page.GetByTestId("run-menu").ClickAsync();
        await ana.Page.GetByTestId("end-run").ClickAsync();
        await Expect(ana.Page.GetByTestId("end-dialog")).ToBeVisibleAsync();
        await ana.Page.GetByTestId("end-outcome").FillAsync("all steps reviewed");
        await ana.Page.GetByTestId("end-confirm").ClickAsync();

        foreach (var person in new[] { ana, ben })
        {
            await Expect(person.Page.GetByTestId("run-ended-bar")).ToHaveTextAsync("This run has ended: all steps reviewed");
            await Expect(person.Pipeline.Step("PM").GetByTestId("prune-button")).ToBeDisabledAsync();
            await Expect(person.Health.Locator(".word")).ToHaveTextAsync("Run ended");
            await Expect(person.ConnectionBar).ToHaveCountAsync(0);
            await person.Pipeline.IsPrunedAsync("SRE");
        }
        await ana.Page.GetByTestId("run-menu").ClickAsync();
        await Expect(ana.Page.GetByTestId("end-run")).ToBeDisabledAsync();
        await Expect(ben.NoticesOf("end")).ToContainTextAsync("ended the run");

        // Who comes later sees the same.
        var carl = await run.JoinAsync("carl");
        await Expect(carl.Page.GetByTestId("run-ended-bar")).ToHaveTextAsync("This run has ended: all steps reviewed");
        run.AssertNoComplaint();
    }

    [Fact]
    public async Task What_was_being_typed_when_the_run_ended_is_still_there_and_not_sent()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.ConnectAsync("ben");
        await ana.Pipeline.Step("ARCHITECT").FocusAsync();
        await ana.Page.Keyboard.PressAsync("g");
        await ana.Page.GetByTestId("agent-name-input").FillAsync("an-agent-of-mine");
        await ben.PublishAsync(run.Id, "RUN_END", new { });

        await Expect(ana.Page.GetByTestId("obstacle")).ToContainTextAsync("This run has ended.");
        await ana.Page.GetByTestId("graft-submit").ClickAsync(new() { Force = true });
        await Expect(ana.Page.GetByTestId("agent-name-input")).ToHaveValueAsync("an-agent-of-mine");
        await ana.Page.Keyboard.PressAsync("Escape");
        await Expect(ana.Pipeline.GraftDialog).ToBeHiddenAsync();
        await Expect(ana.Pipeline.Step("ARCHITECT")).ToBeFocusedAsync();
        await Expect(ana.PendingRows).ToHaveCountAsync(0);
        Assert.Single(await run.AgreeAsync());
    }
}
