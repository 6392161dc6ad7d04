using Collab.EndToEndTests.Kit;
using Xunit;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A server that dies in the middle and comes back on the same store and port.</summary>
[Collection(Rough.Name)]
public sealed class KilledServerTests(Chromium chromium)
{
    private const int Each = 80;

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_of_grafts_loses_none_and_doubles_none()
    {
        var server = await DemoServer.StartAsync();
        try
        {
            await using var run = new SharedRun(chromium, server);
            var ana = await run.JoinAsync("ana");
            var ben = await run.JoinAsync("ben");
            run.ExpectNetworkFailures();

            var robot = await run.ConnectAsync("robot");
            var sending = Task.WhenAll(ana.SendGraftsAsync(Each), ben.SendGraftsAsync(Each));
            await robot.WaitForSequenceAsync(run.Id, 10);
            await server.Process.KillAsync();
            await sending;
            foreach (var person in new[] { ana, ben }) await person.IsConnectedAsync(false);
            Assert.NotEqual(0, await ana.PendingAsync());
            await server.Process.StartAgainAsync();

            foreach (var person in new[] { ana, ben }) await person.IsConnectedAsync();
            var events = await run.AgreeAsync();
            Assert.Equal(2 * Each, events.Count);
            Log.IsInOrderOfSending(events, "ana", "ben");
            await ana.SeesAsync("ana", "ben");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
