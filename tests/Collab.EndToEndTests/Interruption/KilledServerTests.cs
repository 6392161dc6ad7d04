using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A server that dies in the middle and comes back on the same store and port.</summary>
[Collection(Rough.Name)]
public sealed class KilledServerTests(Chromium chromium)
{
    /// <summary>So many each sends before, and after no answer comes through any more.</summary>
    private const int Before = 10;
    private const int After = 70;

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_of_grafts_loses_none_and_doubles_none()
    {
        var server = await DemoServer.StartAsync();
        try
        {
            await using var run = new SharedRun(chromium, server);
            await using var network = new Network(server);
            var ana = await run.JoinAsync("ana", network);
            var ben = await run.JoinAsync("ben", network);
            Person[] both = [ana, ben];

            var robot = await run.ConnectAsync("robot");
            await Task.WhenAll(both.Select(person => person.SendGraftsAsync(Before)));
            foreach (var person in both) await Eventually.NothingLeftAsync(async () => await person.PendingAsync());
            // From here on a graft of each is stored, and its sender never hears of it: however slow the machine, the server dies in the middle.
            network.SwallowsAnswers = true;
            await Task.WhenAll(both.Select(person => person.SendGraftsAsync(After, from: Before + 1)));
            await robot.WaitForSequenceAsync(run.Id, (2 * Before) + 2);
            await server.Process.KillAsync();
            foreach (var person in both) await person.IsConnectedAsync(false);
            foreach (var person in both) Assert.Equal(After, await person.PendingAsync());
            network.SwallowsAnswers = false;
            await server.Process.StartAgainAsync();

            foreach (var person in both) await person.IsConnectedAsync();
            var events = await run.AgreeAsync();
            Assert.Equal(2 * (Before + After), events.Count);
            Log.IsInOrderOfSending(events, "ana", "ben");
            await ana.SeesAsync("ana", "ben");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
