using System.Text.Json;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>A run of megabytes reaches who joins it in pieces, at the speed of its link, whole and in order, and with what comes meanwhile.</summary>
public sealed class LargeRunTests(LargeRunTests.ServerOfManyEvents server) : IClassFixture<LargeRunTests.ServerOfManyEvents>
{
    private const int AnswerBytes = 256 * 1024;
    private const int EventBytes = 16_000;

    [Fact]
    public async Task An_answer_has_the_first_events_and_the_others_follow_at_once()
    {
        const int Events = 120;
        var run = await PublishAsync(Events);
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("bob"));

        var answer = (await wire.CallAsync("JoinRun", $"""["{run}",10]""")).GetProperty("result");

        Assert.Equal(Events, answer.GetProperty("lastSequence").GetInt64());
        Assert.False(answer.GetProperty("truncated").GetBoolean());
        Assert.InRange(answer.GetProperty("events").GetRawText().Length, AnswerBytes / 2, AnswerBytes + EventBytes);
        var seen = Sequences(answer.GetProperty("events")).ToList();
        while (seen[^1] < Events)
        {
            var message = (await wire.NextAsync())!.Value;
            if (message.GetProperty("type").GetInt32() == 1) seen.AddRange(Sequences(message.GetProperty("arguments")[1]));
        }
        Assert.Equal(Enumerable.Range(11, Events - 10).Select(n => (long)n), seen);
    }

    [Fact]
    public async Task A_client_on_a_slow_link_gets_all_of_it_and_what_comes_meanwhile()
    {
        const int Events = 200, More = 40;
        var run = await PublishAsync(Events);
        await using var network = new TcpProxy(server.Address) { BytesPerSecond = 1_500_000 };
        await using var slow = await HubClient.ConnectAsync(network.BaseAddress, TestTokens.Create("bob"));

        var answer = await slow.JoinAsync(run);
        await using var publisher = await server.ConnectAsync("alice");
        for (var i = 0; i < More; i++) await publisher.GraftAsync(run, agentName: new string('y', EventBytes));
        await slow.WaitForSequenceAsync(run, Events + More, Patience.Process);

        Assert.Equal(
            Enumerable.Range(1, Events + More).Select(n => (long)n), answer.Events.Select(e => e.SequenceNumber!.Value).Concat(slow.SequencesOf(run)));
        Assert.False(slow.Closed.IsCompleted);
        server.AssertNoComplaint();
    }

    private async Task<Guid> PublishAsync(int events)
    {
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");
        for (var sent = 0; sent < events; sent += 20)
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => publisher.GraftAsync(run, agentName: new string('x', EventBytes))));
        return run;
    }

    private static IEnumerable<long> Sequences(JsonElement events) =>
        events.EnumerateArray().Where(e => e.GetProperty("isCritical").GetBoolean()).Select(e => e.GetProperty("sequenceNumber").GetInt64());

    /// <summary>Its subscribers may lag by less than a run is long.</summary>
    public sealed class ServerOfManyEvents : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More => [new("Collab:Limits:SubscriberLagBytes", "524288")];
    }
}
