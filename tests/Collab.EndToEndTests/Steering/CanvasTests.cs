using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>The window on a pipeline that is larger than the screen.</summary>
[Collection(Calm.Name)]
public sealed class CanvasTests(Chromium chromium, DemoServer server)
{
    private const int Steps = 1000;

    /// <summary>Whether the step with the focus and its actions are within the canvas, and not under the small map.</summary>
    private const string IsInSight =
        """
        () => {
          const box = (element) => element?.getBoundingClientRect();
          const [view, map] = [box(document.querySelector('[data-testid="canvas"]')), box(document.querySelector('[data-testid="minimap"]'))];
          return [document.activeElement, document.activeElement.querySelector('.actions')].map(box).every((one) =>
            one && one.left >= view.left && one.right <= view.right && one.top >= view.top && one.bottom <= view.bottom
            && !(map && one.left < map.right && one.top < map.bottom && one.right > map.left && one.bottom > map.top));
        }
        """;

    [Fact]
    public async Task A_thousand_steps_are_drawn_where_they_are_seen_and_found_where_they_are_not()
    {
        await using var run = new SharedRun(chromium, server);
        await FillAsync(run);
        var ana = await run.JoinAsync("ana", options: new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await Expect(ana.Page.Locator(".summary")).ToContainTextAsync($"{Steps} steps");
        await Expect(ana.Pipeline.Step("PM")).ToBeInViewportAsync();
        Assert.InRange(await ana.Pipeline.Steps.CountAsync(), 20, 200);
        await HasFewElementsAsync(ana);

        // By wheel, by drag, by key: what comes into sight is drawn, what goes is not.
        var canvas = ana.Page.GetByTestId("canvas");
        await canvas.HoverAsync();
        await ana.Page.Mouse.WheelAsync(0, 1500);
        await Expect(ana.Pipeline.Step("agent-1")).ToHaveCountAsync(0);
        await HasFewElementsAsync(ana);
        var before = await canvas.EvaluateAsync<double>("(view) => view.scrollLeft");
        var box = (await canvas.BoundingBoxAsync())!;
        await ana.Page.Mouse.MoveAsync(box.X + box.Width - 20, box.Y + 4);
        // The middle button drags wherever it is pressed.
        await ana.Page.Mouse.DownAsync(new() { Button = MouseButton.Middle });
        await ana.Page.Mouse.MoveAsync(box.X + 300, box.Y + 4, new() { Steps = 3 });
        await ana.Page.Mouse.UpAsync(new() { Button = MouseButton.Middle });
        Assert.NotEqual(before, await canvas.EvaluateAsync<double>("(view) => view.scrollLeft"));

        // All of it, and one of it.
        await ana.Page.Keyboard.PressAsync("0");
        await Eventually.TrueAsync(() =>
            canvas.EvaluateAsync<bool>("(view) => view.scrollWidth <= view.clientWidth && view.scrollHeight <= view.clientHeight"));
        await HasFewElementsAsync(ana);
        await ana.Page.Keyboard.PressAsync("/");
        await ana.Page.Keyboard.TypeAsync("agent-777");
        await Expect(ana.Pipeline.Step("agent-777")).ToBeInViewportAsync();
        await ana.Page.Keyboard.PressAsync("Enter");
        await Expect(ana.Pipeline.Step("agent-777")).ToBeFocusedAsync();
        await ana.Page.Keyboard.PressAsync("p");
        await ana.Pipeline.IsPrunedAsync("agent-777");
        await ana.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(ana.Pipeline.Step("agent-778")).ToBeFocusedAsync();
        run.AssertNoComplaint();
    }

    [Fact]
    public async Task Of_the_step_with_the_focus_nothing_is_covered_or_cut_wherever_it_stands()
    {
        await using var run = new SharedRun(chromium, server);
        await FillAsync(run);
        var ana = await run.JoinAsync("ana", options: new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        // What comes later moves all that stands behind it.
        await Expect(ana.Page.Locator(".summary")).ToContainTextAsync($"{Steps} steps");
        await ana.Pipeline.Step("PM").FocusAsync();
        // At 100 %, down to where the small map lies; then all of it, from both ends.
        foreach (var (start, key, count) in new[] { ("1", "ArrowRight", 150), ("0", "ArrowRight", 40), ("End", "ArrowLeft", 40) })
        {
            await ana.Page.Keyboard.PressAsync(start);
            for (var i = 0; i < count; i++)
            {
                await ana.Page.Keyboard.PressAsync(key);
                await Eventually.TrueAsync(() => ana.Page.EvaluateAsync<bool>(IsInSight));
            }
        }
        run.AssertNoComplaint();
    }

    [Fact]
    public async Task Zoom_keeps_what_is_under_the_pointer()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var step = ana.Pipeline.Step("ARCHITECT");
        var box = (await step.BoundingBoxAsync())!;
        await ana.Page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2);
        await ana.Page.Keyboard.DownAsync("Control");
        for (var i = 0; i < 4; i++) await ana.Page.Mouse.WheelAsync(0, -60);
        await ana.Page.Keyboard.UpAsync("Control");
        await Expect(ana.Page.GetByTestId("zoom")).Not.ToHaveTextAsync("100 %");
        await Eventually.TrueAsync(async () =>
        {
            var now = (await step.BoundingBoxAsync())!;
            return now.Width > box.Width * 1.2 && Math.Abs(now.X + now.Width / 2 - box.X - box.Width / 2) < now.Width / 2;
        });
        await ana.Page.GetByTestId("zoom").ClickAsync();
        await Expect(ana.Page.GetByTestId("zoom")).ToHaveTextAsync("100 %");
        run.AssertNoComplaint();
    }

    [Fact]
    public async Task What_one_did_last_can_be_taken_back()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await ana.Pipeline.PruneAsync("DEVELOPER");
        await ben.Pipeline.IsPrunedAsync("DEVELOPER");
        await ana.Page.GetByTestId("undo-button").ClickAsync();
        await ben.Pipeline.IsPrunedAsync("DEVELOPER", pruned: false);
        await Expect(ben.Page.GetByTestId("undo")).ToHaveCountAsync(0);

        await ana.Pipeline.GraftAsync("PM", "docs-writer-v1");
        await ana.Pipeline.GraftAsync("PM", "cost-guard-v1");
        await ben.Pipeline.ConsistsOfAsync("PM", "cost-guard-v1", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE");
        await ana.Page.Keyboard.PressAsync("Control+z");
        await ben.Pipeline.ConsistsOfAsync("PM", "docs-writer-v1", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE");
        Assert.Equal(5, (await run.AgreeAsync()).Count);
    }

    /// <summary>Each step after the one before it.</summary>
    private static async Task FillAsync(SharedRun run)
    {
        var robot = await run.ConnectAsync("robot");
        foreach (var some in Enumerable.Range(1, Steps - 5).Chunk(100))
            await Task.WhenAll(some.Select(n => robot.GraftAsync(run.Id, n == 1 ? "PM" : $"agent-{n - 1}", $"agent-{n}")));
    }

    /// <summary>Of everything on the page: with a thousand cards there were more than thirty thousand.</summary>
    private static async Task HasFewElementsAsync(Person person) =>
        Assert.InRange(await person.Page.EvaluateAsync<int>("document.querySelectorAll('*').length"), 100, 7000);
}
