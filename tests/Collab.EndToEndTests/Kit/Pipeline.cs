using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>The pipeline on somebody's page, and how they change it.</summary>
internal sealed class Pipeline(IPage page)
{
    private static readonly string[] DefaultSteps = ["PM", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE"];

    /// <summary>All steps and agents, in their order.</summary>
    public ILocator Steps => page.Locator("[data-node-id]");

    public ILocator Step(string id) => page.Locator($"[data-node-id='{id}']");

    public ILocator GraftDialog => page.GetByTestId("graft-dialog");

    public ILocator FlagDialog => page.GetByTestId("flag-dialog");

    /// <summary>Grafts with the mouse.</summary>
    public async Task GraftAsync(string after, string agent)
    {
        await ClickAsync(after, "graft-button");
        await page.GetByTestId("agent-name-input").FillAsync(agent);
        await page.GetByTestId("graft-submit").ClickAsync();
        await Expect(GraftDialog).ToBeHiddenAsync();
    }

    /// <summary>Prunes a step, or takes a pruned one back in, with the mouse.</summary>
    public Task PruneAsync(string step) => ClickAsync(step, "prune-button");

    /// <summary>Flags with the mouse.</summary>
    public async Task FlagAsync(string step, string note)
    {
        await ClickAsync(step, "flag-button");
        await page.GetByTestId("flag-note-input").FillAsync(note);
        await page.GetByTestId("flag-submit").ClickAsync();
        await Expect(FlagDialog).ToBeHiddenAsync();
    }

    /// <summary>Points at a step.</summary>
    public Task HoverAsync(string step) => Step(step).HoverAsync();

    /// <summary>Points at nothing.</summary>
    public Task PointNowhereAsync() => page.Mouse.MoveAsync(1, 1);

    /// <summary>Every name tag of a user, on whichever step.</summary>
    public ILocator CursorsOf(string user) => page.Locator($"[data-testid='step-cursor'][data-user-id='{user}']");

    /// <summary>A user's name tag on a step.</summary>
    public ILocator CursorOf(string user, string step) => Step(step).Locator($"[data-testid='step-cursor'][data-user-id='{user}']");

    /// <summary>The coloured ring round a step on which there is somebody.</summary>
    public ILocator RingOn(string step) => Step(step).Locator("collab-cursors .ring");

    /// <summary>The pipeline consists of these, in this order.</summary>
    public async Task ConsistsOfAsync(params string[] ids)
    {
        await Expect(Steps).ToHaveCountAsync(ids.Length);
        for (var i = 0; i < ids.Length; i++) await Expect(Steps.Nth(i)).ToHaveAttributeAsync("data-node-id", ids[i]);
    }

    /// <summary>The pipeline is as every run begins.</summary>
    public Task IsUntouchedAsync() => ConsistsOfAsync(DefaultSteps);

    public Task IsPrunedAsync(string step, bool pruned = true) =>
        Expect(Step(step)).ToHaveAttributeAsync("data-pruned", pruned ? "true" : "false");

    public Task IsFlaggedAsync(string step) => Expect(Step(step)).ToHaveAttributeAsync("data-flagged", "true");

    private async Task ClickAsync(string step, string button)
    {
        await HoverAsync(step);
        await Step(step).GetByTestId(button).ClickAsync();
    }
}
