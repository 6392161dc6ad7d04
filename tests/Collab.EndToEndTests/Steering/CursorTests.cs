using Collab.EndToEndTests.Kit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>Where people are shows on the others' steps.</summary>
[Collection(Calm.Name)]
public sealed class CursorTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task The_ring_and_the_name_of_each_other_person_stand_on_the_step_where_they_are()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var cyd = await run.JoinAsync("cyd");

        await ana.Pipeline.HoverAsync("ARCHITECT");
        await Expect(ben.Pipeline.CursorOf("ana", "ARCHITECT")).ToHaveTextAsync("ana");
        await Expect(ben.Pipeline.RingOn("ARCHITECT")).ToBeVisibleAsync();

        // With the keyboard, and on the same step: two names.
        await cyd.Pipeline.Step("ARCHITECT").FocusAsync();
        await Expect(ben.Pipeline.CursorOf("cyd", "ARCHITECT")).ToHaveTextAsync("cyd");
        await Expect(ben.Pipeline.CursorOf("ana", "ARCHITECT")).ToBeVisibleAsync();

        await ana.Pipeline.HoverAsync("SRE");
        await Expect(ben.Pipeline.CursorOf("ana", "SRE")).ToBeVisibleAsync();
        await Expect(ben.Pipeline.CursorsOf("ana")).ToHaveCountAsync(1);
        await Expect(ana.Pipeline.CursorsOf("ana")).ToHaveCountAsync(0);

        await ana.Pipeline.PointNowhereAsync();
        await Expect(ben.Pipeline.CursorsOf("ana")).ToHaveCountAsync(0);
        await run.LeaveAsync(cyd);
        await Expect(ben.Pipeline.CursorsOf("cyd")).ToHaveCountAsync(0);
        await Expect(ben.Pipeline.RingOn("ARCHITECT")).ToHaveCountAsync(0);
        Assert.Empty(await run.AgreeAsync());
    }

    [Fact]
    public async Task A_burst_of_fifty_moves_ends_at_the_last_one_and_loses_no_event()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var cyd = await run.JoinAsync("cyd");

        await ana.Page.EvaluateAsync(
            """
            () => {
              const steps = ['PM', 'QUALIFIER', 'ARCHITECT', 'DEVELOPER'];
              for (let n = 1; n <= 50; n++) {
                window.collaborationStore.moveCursor(n === 50 ? 'SRE' : steps[n % steps.length]);
                if (n % 10 === 0) void window.collaborationStore.graft('ARCHITECT', `ana-${n / 10}`);
              }
            }
            """);

        foreach (var person in new[] { ben, cyd })
        {
            await Expect(person.Pipeline.CursorOf("ana", "SRE")).ToBeVisibleAsync();
            await Expect(person.Pipeline.CursorsOf("ana")).ToHaveCountAsync(1);
        }
        var events = await run.AgreeAsync();
        Assert.Equal(5, events.Count);
        Log.IsInOrderOfSending(events, "ana");
        // Nothing that was still under way has moved it on.
        await Expect(ben.Pipeline.CursorOf("ana", "SRE")).ToBeVisibleAsync();
    }
}
