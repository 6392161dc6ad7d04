using Collab.EndToEndTests.Kit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>Notices say what others do, as it happens, and then go.</summary>
[Collection(Calm.Name)]
public sealed class NoticeTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Each_kind_of_event_has_its_notice_for_the_others_and_none_for_oneself()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await SaysAsync(ana, "join", "ben joined");

        await ben.Pipeline.GraftAsync("ARCHITECT", "security-scanner-v1");
        await SaysAsync(ana, "graft", "ben grafted security-scanner-v1 after ARCHITECT");
        await ben.Pipeline.PruneAsync("DEVELOPER");
        await SaysAsync(ana, "prune", "ben pruned DEVELOPER");
        await ben.Pipeline.FlagAsync("SRE", "Look here");
        await SaysAsync(ana, "flag", "ben flagged SRE: “Look here”");
        await run.LeaveAsync(ben);
        await SaysAsync(ana, "leave", "ben left");

        await run.AgreeAsync();
    }

    [Fact]
    public async Task Nobody_is_told_of_what_they_did_themselves()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.ConnectAsync("ben");
        await Expect(ana.NoticesOf("join")).ToHaveCountAsync(1);
        await ana.DismissAllAsync();
        await ana.CountNoticesAsync();

        await ana.Pipeline.GraftAsync("ARCHITECT", "security-scanner-v1");
        await ana.Pipeline.PruneAsync("DEVELOPER");
        await ana.Pipeline.FlagAsync("SRE", "Look here");
        await ana.Pipeline.HoverAsync("PM");
        // Comes after all of them.
        await ben.GraftAsync(run.Id, "PM", "marker");

        await Expect(ana.NoticesOf("graft")).ToHaveTextAsync(["ben grafted marker after PM"]);
        Assert.Equal(["ben grafted marker after PM"], (await ana.NoticesSoFarAsync()).Texts);
        await run.AgreeAsync();
    }

    [Fact]
    public async Task There_are_never_more_than_five_and_the_newest_stay()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await Expect(ana.NoticesOf("join")).ToHaveCountAsync(1);
        await ana.DismissAllAsync();
        await ana.CountNoticesAsync();

        await ben.SendGraftsAsync(9);

        await Expect(ana.Notices.Last).ToContainTextAsync("ben grafted ben-9 after ARCHITECT");
        var seen = await ana.NoticesSoFarAsync();
        // Those that came with a later one's frame, when five were there, are never seen.
        string[] all = [.. Enumerable.Range(1, 9).Select(n => $"ben grafted ben-{n} after ARCHITECT")];
        Assert.Equal(all.Intersect(seen.Texts), seen.Texts);
        Assert.Equal(all.TakeLast(5), seen.Texts.TakeLast(5));
        Assert.Equal(5, seen.MostAtOnce);
        await run.AgreeAsync();
    }

    [Fact]
    public async Task A_notice_goes_by_itself_after_five_seconds_or_at_once_when_it_is_closed()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.ConnectAsync("ben");
        await Expect(ana.NoticesOf("join")).ToHaveCountAsync(1);
        await ana.DismissAllAsync();
        await ana.CountNoticesAsync();

        await ben.GraftAsync(run.Id, "PM", "first");
        await ben.GraftAsync(run.Id, "PM", "second");
        await Expect(ana.Notices).ToHaveCountAsync(2);

        await ana.Notices.Filter(new() { HasText = "first" }).Locator(".notif-close").ClickAsync();
        await Expect(ana.NoticesOf("graft")).ToHaveTextAsync(["ben grafted second after PM"]);

        // What is pointed at stays.
        await ana.Page.Mouse.MoveAsync(1, 1);
        await Expect(ana.Notices).ToHaveCountAsync(0);
        // Its time begins with the event, and it may be drawn a while later; on a busy machine it may also stay longer.
        Assert.InRange((await ana.NoticesSoFarAsync()).LongestMs, 4000, double.MaxValue);
        await run.AgreeAsync();
    }

    private static async Task SaysAsync(Person person, string kind, string message)
    {
        await Expect(person.NoticesOf(kind)).ToHaveTextAsync([message]);
        await person.DismissAllAsync();
    }
}
