using Collab.EndToEndTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A server that wants what is published signed: the page signs, live, by polling, and what waited while it was away.</summary>
[Collection(Rough.Name)]
public sealed class SignedPublishTests(Chromium chromium)
{
    [Fact]
    public async Task A_page_signs_what_it_sends_live_by_polling_and_after_it_was_away()
    {
        var server = await DemoServer.StartAsync(wantsSignatures: true);
        try
        {
            await using var network = new Network(server);
            await using var run = new SharedRun(chromium, server);
            var ana = await run.JoinAsync("ana", network);
            var ben = await run.JoinAsync("ben");
            // Both sign, or this would be the end of it.
            var unsigned = await run.ConnectAsync("mallory");
            Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(unsigned.GraftAsync(run.Id)));
            await Task.WhenAll(ana.SendGraftsAsync(3), ben.SendGraftsAsync(3));

            network.GoDown();
            await ana.SendGraftsAsync(3, from: 4);
            await ben.SendGraftsAsync(3, from: 4);
            network.BreaksWebSockets = true;
            network.IsDown = false;
            await Expect(ana.FallbackWarning).ToBeVisibleAsync(new() { Timeout = (float)Patience.Process.TotalMilliseconds });
            await ana.SendGraftsAsync(3, from: 7);

            network.BreaksWebSockets = false;
            await ana.TryNowAsync();
            await Expect(ana.FallbackWarning).ToHaveCountAsync(0, new() { Timeout = (float)Patience.Process.TotalMilliseconds });
            await ana.SendGraftsAsync(3, from: 10);

            var events = await run.AgreeAsync();
            Assert.Equal(18, events.Count);
            Log.IsInOrderOfSending(events, "ana", "ben");
            server.AssertNoComplaint();
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
