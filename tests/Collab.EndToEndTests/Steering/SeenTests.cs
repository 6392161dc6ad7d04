using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>Who has seen what, of people whose browsers are awake and of those whose browsers are not.</summary>
[Collection(Calm.Name)]
public sealed class SeenTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task What_one_waits_for_others_to_see_waits_for_whose_tab_sleeps()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var cyd = await run.JoinAsync("cyd");
        await ana.SeesAsync("ana", "ben", "cyd");
        var sleep = await cyd.Page.Context.NewCDPSessionAsync(cyd.Page);
        // As a tab that was not looked at for some time: none of its code runs. Chromium itself puts none to sleep that a test drives.
        await sleep.SendAsync("Debugger.enable");
        await sleep.SendAsync("Debugger.pause");

        await ana.SendGraftsAsync(1);
        await Expect(ana.Rows).ToHaveCountAsync(1);
        await ana.Page.EvaluateAsync(
            """
            window.seen = [];
            for (const users of [['ben'], ['cyd'], 'all'])
              void window.collaborationStore.whenSeen(1, users).then(() => window.seen.push(String(users)));
            """);

        // Ben has, and with that it is known of each who does.
        await Eventually.TrueAsync(async () => (await SeenAsync(ana)).Contains("ben"));
        Assert.Equal(["ben"], await SeenAsync(ana));
        await Expect(ana.Rows.First).ToContainTextAsync("Seen by 1 of 2: ben");

        await sleep.SendAsync("Debugger.disable");
        await Eventually.TrueAsync(async () => (await SeenAsync(ana)).Length == 3);
        Assert.Equal(["all", "ben", "cyd"], (await SeenAsync(ana)).Order());
        await Expect(ana.Rows.First).ToContainTextAsync("Seen by all 2: ben, cyd");
        Assert.Equal(1, Assert.Single(await cyd.HeardAsync()));
        await Expect(ben.Rows).ToHaveCountAsync(1);
        await run.AgreeAsync();
    }

    private static Task<string[]> SeenAsync(Person person) => person.Page.EvaluateAsync<string[]>("window.seen");
}
