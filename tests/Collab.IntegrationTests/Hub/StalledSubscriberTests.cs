using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>A client that stops reading is cut off, delays nobody, and can come back and replay (P6).</summary>
public sealed class StalledSubscriberTests(StalledSubscriberTests.ImpatientServer server) : IClassFixture<StalledSubscriberTests.ImpatientServer>
{
    [Fact]
    public async Task A_subscriber_that_stops_reading_is_cut_off_and_replays_when_it_comes_back()
    {
        const int Events = 900;
        var run = Guid.NewGuid();
        var agent = new string('x', 14_000);
        await using var publisher = await server.ConnectAsync("alice");
        await using var reader = await server.ConnectAsync("bob");
        await reader.JoinAsync(run);
        using var stalled = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));
        Assert.Null(HubWire.CodeOf(await stalled.CallAsync("JoinRun", $"""["{run}",null]""")));
        await reader.WaitForAsync(events => events.Any(e => e is { EventType: "USER_JOIN", UserId: "mallory" }));

        for (var sent = 0; sent < Events; sent += 100) await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => publisher.GraftAsync(run, agentName: agent)));

        await reader.WaitForSequenceAsync(run, Events);
        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), reader.SequencesOf(run));
        await reader.WaitForAsync(events => events.Any(e => e is { EventType: "USER_LEAVE", UserId: "mallory" }));
        await server.Process.Output.WaitForAsync(lines => lines.Any(line => line.Contains("was cut off", StringComparison.Ordinal)));
        await using var back = await server.ConnectAsync("mallory");
        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), (await back.JoinAsync(run)).Events.Select(e => e.SequenceNumber!.Value));
        Assert.Equal(Events + 1, (await publisher.GraftAsync(run)).SequenceNumber);
        await back.WaitForSequenceAsync(run, Events + 1);
        server.AssertNoComplaint();
    }

    /// <summary>Cuts off whoever lags behind by more than the kernel's buffers and a little more.</summary>
    public sealed class ImpatientServer : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More => [new("Collab:Limits:SubscriberLagBytes", "131072")];
    }
}
