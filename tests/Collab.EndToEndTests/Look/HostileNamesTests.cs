using Collab.EndToEndTests.Kit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Look;

/// <summary>What people may call themselves and their agents must not harm the page of anybody.</summary>
[Collection(Calm.Name)]
public sealed class HostileNamesTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Agents_called_like_parts_of_every_object_are_shown_like_any_other()
    {
        await using var run = new SharedRun(chromium, server);
        var robot = await run.ConnectAsync("robot");
        string[] names = ["toString", "constructor", "__proto__", "hasOwnProperty"];
        var after = "PM";
        foreach (var name in names)
        {
            await robot.GraftAsync(run.Id, after, name);
            await robot.PublishAsync(run.Id, "FLAG", new { stepId = name, note = "valueOf" });
            after = name;
        }

        var ana = await run.JoinAsync("ana");

        foreach (var name in names) await Expect(ana.Page.Locator($"[data-node-id='{name}'] .name")).ToHaveTextAsync(name);
        await Expect(ana.Rows).ToHaveCountAsync(2 * names.Length);
        await ana.SendGraftsAsync(1);
        await run.AgreeAsync();
    }

    [Theory]
    [InlineData("constructor", "constructor")]
    [InlineData("%E2%80%AEevil", "evil")]
    [InlineData("x%F0%9F%98", "x\uFFFD")]
    [InlineData("%D8%B9%D9%85%D8%B1", "\u0639\u0645\u0631")]
    public async Task Users_may_be_called_anything_that_can_be_seen(string asked, string shown)
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        await run.JoinAsync(asked);

        var notice = ana.NoticesOf("join").First;
        await Expect(notice).ToHaveTextAsync($"{shown} joined");
        await Expect(notice.Locator("bdi")).ToHaveTextAsync(shown);
        await Expect(ana.Avatars).ToHaveCountAsync(2);
        run.AssertNoComplaint();
    }
}
