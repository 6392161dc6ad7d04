using Collab.EndToEndTests.Kit;
using Microsoft.Playwright;
using Xunit;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>Connections that break, are slow, or lose answers, while things happen: everybody ends with everything, once and in order.</summary>
[Collection(Rough.Name)]
public sealed class BrokenNetworkTests(Chromium chromium, DemoServer server, ITestOutputHelper output)
{
    [Fact]
    public async Task Connections_that_are_cut_in_a_stream_of_events_cost_none()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben", network);
        var cyd = await run.JoinAsync("cyd");
        var robot = await run.ConnectAsync("robot");

        const int Pieces = 4;
        for (var piece = 0; piece < Pieces; piece++)
        {
            if (piece > 0) network.Cut();
            var stream = Enumerable.Range(1 + (piece * 50), 50).Select(n => robot.GraftAsync(run.Id, "PM", $"robot-{n}"));
            await Task.WhenAll([.. stream, ana.SendGraftsAsync(5, 1 + (piece * 5)), cyd.SendGraftsAsync(5, 1 + (piece * 5))]);
        }

        var events = await run.AgreeAsync();
        Assert.Equal(Pieces * 60, events.Count);
        Log.IsInOrderOfSending(events, "ana", "cyd");
        foreach (var person in new[] { ana, ben }) await person.IsConnectedAsync();
        await ana.SeesAsync("ana", "ben", "cyd", "robot");
    }

    [Fact]
    public async Task A_slow_connection_is_late_and_misses_nothing()
    {
        await using var network = new Network(server) { Delay = TimeSpan.FromMilliseconds(200) };
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");

        await Task.WhenAll(ana.SendGraftsAsync(10), ben.SendGraftsAsync(50));
        await ana.Pipeline.PruneAsync("SRE");
        await ben.Pipeline.IsPrunedAsync("SRE");
        await ben.Pipeline.HoverAsync("DEVELOPER");
        await Expect(ana.Pipeline.CursorOf("ben", "DEVELOPER")).ToBeVisibleAsync();

        var events = await run.AgreeAsync();
        Assert.Equal(61, events.Count);
        Log.IsInOrderOfSending(events, "ben");
        // There and back; timers count in whole milliseconds, and may end a little early.
        Assert.InRange(await ana.LatencyAsync(), 390, double.MaxValue);
    }

    [Fact]
    public async Task What_was_sent_while_away_is_counted_and_delivered_in_order_and_once_on_return()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");
        await ben.SeesAsync("ana", "ben");

        network.GoDown();
        await ana.IsConnectedAsync(false);
        await ana.Pipeline.GraftAsync("QUALIFIER", "security-scanner-v1");
        await ana.Pipeline.PruneAsync("SRE");
        await ana.Pipeline.FlagAsync("PM", "Sent from a tunnel");
        await Expect(ana.Queued).ToHaveTextAsync("3");
        await Expect(ana.Queued).ToBeVisibleAsync();
        await Expect(ana.PendingRows).ToHaveCountAsync(3);
        await ben.SeesAsync("ben");
        await ben.SendGraftsAsync(3);
        await Expect(ben.Rows).ToHaveCountAsync(3);

        network.IsDown = false;
        await ana.IsConnectedAsync();
        await Expect(ben.Rows).ToHaveCountAsync(6);
        await Expect(ana.PendingRows).ToHaveCountAsync(0);
        await Expect(ana.Queued).ToHaveTextAsync("0");
        var events = await run.AgreeAsync();
        Assert.Equal(["GRAFT", "PRUNE", "FLAG"], events.Where(e => e.UserId == "ana").Select(e => e.EventType));
        await ben.Pipeline.IsPrunedAsync("SRE");
        await ben.Pipeline.IsFlaggedAsync("PM");
    }

    [Fact]
    public async Task What_another_has_changed_while_one_was_away_is_shown_and_decided_by_the_one_who_was()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var (ana, ben) = await OneIsAwayAsync(run, network);
        await ana.Pipeline.FlagAsync("PM", "Too slow");
        await ana.Pipeline.FlagAsync("SRE", "Who is on call?");
        await ben.Pipeline.FlagAsync("PM", "Wrong model");
        await ben.Pipeline.PruneAsync("PM");
        await Expect(ben.Rows).ToHaveCountAsync(2);

        network.IsDown = false;
        await ana.IsConnectedAsync();
        // Nothing was overwritten; what nobody else has touched is there, and the other change waits, with what came in its way.
        await ana.Pipeline.IsFlaggedAsync("SRE");
        await Expect(ana.PendingRows).ToHaveCountAsync(1);
        await Expect(ana.PendingRows).ToContainTextAsync("somebody else has changed the same thing meanwhile");
        var meanwhile = ana.Page.GetByTestId("conflict-events").Locator("li");
        await Expect(meanwhile).ToHaveTextAsync(["ben flagged PM: “Wrong model” · #1", "ben pruned PM · #2"]);
        Assert.Equal("Wrong model", (await ana.StateAsync()).Flags["PM"].Note);
        // It is still there in the next page, and is edited there.
        await ana.Page.ReloadAsync();
        await ana.IsConnectedAsync();
        await Expect(meanwhile).ToHaveCountAsync(2);
        await ana.PendingRows.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await ana.Page.GetByTestId("conflict-field").FillAsync("Wrong model, and too slow");
        await ana.Page.GetByTestId("conflict-field").PressAsync("Enter");

        await Expect(ana.PendingRows).ToHaveCountAsync(0);
        var events = await run.AgreeAsync();
        Assert.Equal(4, events.Count);
        Assert.Equal("Wrong model, and too slow", (await ben.StateAsync()).Flags["PM"].Note);
    }

    [Fact]
    public async Task Where_both_did_the_very_same_there_is_nothing_to_decide()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var (ana, ben) = await OneIsAwayAsync(run, network);
        await ana.Pipeline.PruneAsync("SRE");
        await ben.Pipeline.PruneAsync("SRE");
        await Expect(ben.Rows).ToHaveCountAsync(1);

        network.IsDown = false;
        await ana.IsConnectedAsync();
        await Expect(ana.NoticesOf("prune").Filter(new() { HasText = "there is nothing to decide" })).ToHaveCountAsync(1);
        await Expect(ana.PendingRows).ToHaveCountAsync(0);
        await ana.Pipeline.IsPrunedAsync("SRE");
        Assert.Single(await run.AgreeAsync());
    }

    [Fact]
    public async Task Who_is_offline_is_told_so_and_comes_back_when_the_network_does()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        run.ExpectNetworkFailures();
        await ana.Page.Context.SetOfflineAsync(true);
        await Expect(ana.ConnectionBar).ToContainTextAsync("You are offline.");
        await ana.Page.Context.SetOfflineAsync(false);
        await ana.IsConnectedAsync();
        await Expect(ana.ConnectionBar).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_long_queue_goes_out_over_a_slow_connection_in_order_and_once()
    {
        const int Queued = 500;
        await using var network = new Network(server) { Delay = TimeSpan.FromMilliseconds(50) };
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");

        network.GoDown();
        await ana.IsConnectedAsync(false);
        await ana.SendGraftsAsync(Queued);
        network.IsDown = false;
        var seconds = await ana.Page.EvaluateAsync<double>(
            """
            async () => {
              const store = window.collaborationStore;
              const until = async (done) => { while (!done()) await new Promise((resolve) => setTimeout(resolve, 5)); };
              await until(() => store.isConnected() && !store.usingFallback());
              const start = performance.now();
              await until(() => store.queuedMessageCount() === 0);
              return (performance.now() - start) / 1000;
            }
            """);
        output.WriteLine($"{Queued} events in {seconds:0.00} s");

        await Expect(ben.Rows).Not.ToHaveCountAsync(0);
        var events = await run.AgreeAsync();
        Assert.Equal(Queued, events.Count);
        Log.IsInOrderOfSending(events, "ana");
    }

    [Fact]
    public async Task A_page_that_is_reloaded_with_a_queue_delivers_it_once_when_the_network_is_back()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");

        network.GoDown();
        await ana.IsConnectedAsync(false);
        await ana.SendGraftsAsync(5);
        await Expect(ana.Queued).ToHaveTextAsync("5");
        // The browser cannot even load the page now; the user tries, and tries again later.
        await Assert.ThrowsAsync<PlaywrightException>(() => ana.Page.ReloadAsync());
        network.IsDown = false;
        await SharedRun.OpenAgainAsync(ana);

        await ArriveAsync(run, ben, 5);
    }

    [Fact]
    public async Task A_tab_that_is_closed_with_a_queue_leaves_it_to_the_next_one()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");

        network.GoDown();
        await ana.IsConnectedAsync(false);
        await ana.SendGraftsAsync(5);
        await Expect(ana.Queued).ToHaveTextAsync("5");
        // Not by closing it at once, which does not always leave a page the time to say that it ends.
        await ana.Page.GotoAsync("about:blank");
        await run.LeaveAsync(ana);
        network.IsDown = false;
        await run.OpenAnotherTabAsync(ana);

        await ArriveAsync(run, ben, 5);
    }

    [Fact]
    public async Task A_send_whose_answer_was_lost_is_repeated_after_a_reload_and_stored_once()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network);
        var ben = await run.JoinAsync("ben");

        network.SwallowsAnswers = true;
        await ana.SendGraftsAsync(3);
        // The first has been stored; who sent it does not know.
        await Expect(ben.Rows).ToContainTextAsync(["ana grafted ana-1 after ARCHITECT"]);
        await Expect(ana.Queued).ToHaveTextAsync("3");
        network.SwallowsAnswers = false;
        network.Cut();
        await ana.Page.ReloadAsync();

        await ArriveAsync(run, ben, 3);
    }

    [Fact]
    public async Task A_browser_that_goes_offline_says_so_and_catches_up_when_it_is_back()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        run.ExpectNetworkFailures();

        // The connection stays open and silent, as behind a router that has lost its line.
        await ana.Page.Context.SetOfflineAsync(true);
        await ana.SendGraftsAsync(3);
        await ben.SendGraftsAsync(3);
        await ana.IsConnectedAsync(false);
        await Expect(ana.ConnectionBar).ToContainTextAsync("You are offline. 3 changes wait");
        await ana.Page.Context.SetOfflineAsync(false);

        await ana.IsConnectedAsync();
        var events = await run.AgreeAsync();
        Assert.Equal(6, events.Count);
        Log.IsInOrderOfSending(events, "ana", "ben");
    }

    /// <summary>Ana and ben are in the run, and ana's network goes down.</summary>
    private static async Task<(Person Ana, Person Ben)> OneIsAwayAsync(SharedRun run, Network network)
    {
        var (ana, ben) = (await run.JoinAsync("ana", network), await run.JoinAsync("ben"));
        network.GoDown();
        await ana.IsConnectedAsync(false);
        return (ana, ben);
    }

    /// <summary>What ana sent is there for the other one, and in the end for everybody: each once, in the order of sending, and nothing else.</summary>
    private static async Task ArriveAsync(SharedRun run, Person other, int count)
    {
        await Expect(other.Rows).ToHaveCountAsync(count);
        var events = await run.AgreeAsync();
        Assert.Equal(count, events.Count);
        Log.IsInOrderOfSending(events, "ana");
    }
}
