using System.Text.RegularExpressions;
using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A proxy that accepts WebSockets and then closes them: the page polls, and takes the live connection up again when it can.</summary>
[Collection(Rough.Name)]
public sealed class FallbackTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Where_WebSockets_are_broken_polling_takes_over_and_hands_back_and_nothing_is_lost()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");
        await Task.WhenAll(ana.SendGraftsAsync(3), ben.SendGraftsAsync(3));

        network.BreaksWebSockets = true;
        network.Cut();
        await Task.WhenAll(ana.SendGraftsAsync(3, from: 4), ben.SendGraftsAsync(3, from: 4));
        await Expect(ana.FallbackWarning).ToBeVisibleAsync();
        await Expect(ana.FallbackWarning).ToContainTextAsync("Live connection blocked. Updates every 2 s.");
        await Expect(ana.Health).ToContainTextAsync("HTTP Polling");
        await ana.IsConnectedAsync();

        // Both ways, by polls and posts.
        await ana.Pipeline.PruneAsync("SRE");
        await ben.Pipeline.IsPrunedAsync("SRE");
        await ben.Pipeline.FlagAsync("PM", "Do you see it?");
        await ana.Pipeline.IsFlaggedAsync("PM");
        await ben.Pipeline.HoverAsync("DEVELOPER");
        await Expect(ana.Pipeline.CursorOf("ben", "DEVELOPER")).ToBeVisibleAsync();
        await ana.SeesAsync("ana", "ben");
        await ben.SeesAsync("ana", "ben");
        Assert.Equal(14, (await run.AgreeAsync()).Count);
        await Expect(ana.FallbackWarning).ToBeVisibleAsync();

        network.BreaksWebSockets = false;
        await ana.TryNowAsync();
        // An attempt that was under way may still have failed: then the next one comes within 15 s.
        await Expect(ana.FallbackWarning).ToHaveCountAsync(0, new() { Timeout = (float)Patience.Process.TotalMilliseconds });
        await Expect(ana.Health).ToContainTextAsync(new Regex("Reconnected|Connected", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Task.WhenAll(ana.SendGraftsAsync(3, from: 7), ben.SendGraftsAsync(3, from: 7));

        var events = await run.AgreeAsync();
        Assert.Equal(20, events.Count);
        Log.IsInOrderOfSending(events, "ana", "ben");
    }

    [Fact]
    public async Task Where_WebSockets_work_again_the_page_finds_out_by_itself()
    {
        await using var network = new Network(server) { BreaksWebSockets = true };
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        await Expect(ana.FallbackWarning).ToBeVisibleAsync();
        await ana.SendGraftsAsync(3);

        network.BreaksWebSockets = false;
        // Nobody presses anything: the page tries every 15 s at the latest.
        await Expect(ana.FallbackWarning).ToHaveCountAsync(0, new() { Timeout = (float)Patience.Process.TotalMilliseconds });
        await Expect(ana.Health).ToContainTextAsync(new Regex("Reconnected|Connected", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await ana.SendGraftsAsync(3, from: 4);

        Log.IsInOrderOfSending(await run.AgreeAsync(), "ana");
    }

    [Fact]
    public async Task Where_WebSockets_never_worked_the_page_works_all_the_same()
    {
        await using var network = new Network(server) { BreaksWebSockets = true };
        await using var run = new SharedRun(chromium, server);
        var ben = await run.JoinAsync("ben");
        await ben.SendGraftsAsync(10);
        var ana = await run.JoinAsync("ana", network);

        await Expect(ana.FallbackWarning).ToBeVisibleAsync();
        await ana.SendGraftsAsync(10);
        await Expect(ben.Rows).ToHaveCountAsync(20);

        var events = await run.AgreeAsync();
        Log.IsInOrderOfSending(events, "ana", "ben");
    }
}
