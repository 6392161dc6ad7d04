using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// A server that dies in the middle of its work loses nothing that it acknowledged, and leaves nothing behind that a repeated publish would
/// store twice: acknowledged means durable, numbers have no gap, and a message id is stored once.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class KilledServerTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_was_acknowledged_survives_a_kill_and_resending_everything_stores_nothing_twice(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, ServerUnderTest.KeepAll);
        Guid[] runs = [Guid.NewGuid(), Guid.NewGuid()];
        var senders = await SendUntilKilledAsync(server, runs);
        Assert.Contains(senders.SelectMany(s => s.Sent), p => p.Outcome.Ack is null);

        await server.Process.StartAgainAsync();

        foreach (var run in runs)
        {
            var ofRun = senders.Where(s => s.RunId == run).ToArray();
            var survived = await server.ReadAsync(run);
            Log.IsNumberedWithoutGap(survived);
            Log.Keeps(survived, ofRun.SelectMany(s => s.Acknowledged));
            Assert.All(ofRun, sender => AssertKeptItsFirst(sender, survived));

            var again = await ResendAsync(server, ofRun);
            AssertRecognised(survived, again);
            var all = await server.ReadAsync(run);
            Log.Holds(all, again.Select(p => p.MessageId));
            Log.Keeps(all, again.Select(p => p.Outcome.Ack!));
            Assert.Equal(survived.Select(e => e.MessageId), all.Take(survived.Count).Select(e => e.MessageId));
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task After_a_kill_a_message_that_went_by_WebSocket_is_recognised_over_HTTP(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        var run = Guid.NewGuid();
        await using var before = await server.ConnectAsync();
        var first = await before.GraftAsync(run, messageId: Guid.NewGuid());

        await server.Process.KillAsync();
        await server.Process.StartAgainAsync();
        using var api = server.Api();
        var repeat = await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "other" }, first.MessageId);
        var next = await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "other" });

        Assert.Equal(HttpStatusCode.OK, repeat.Status);
        Assert.Equal(first with { Duplicate = true }, repeat.Value);
        Assert.Equal(HttpStatusCode.Created, next.Status);
        Assert.Equal(first.SequenceNumber + 1, next.Value.SequenceNumber);
    }

    private static async Task<Sender[]> SendUntilKilledAsync(ServerUnderTest server, Guid[] runs)
    {
        var outcomes = new Arrivals<Outcome>();
        var clients = await server.ConnectManyAsync(4, "alice");
        var senders = clients.Select((client, n) => new Sender(client, runs[n % runs.Length], outcomes)).ToArray();
        var sending = Task.WhenAll(senders.Select(s => s.RunAsync()));

        await outcomes.WaitForAsync(all => all.Count >= 600);
        await server.Process.KillAsync();
        await sending;
        foreach (var client in clients) await client.DisposeAsync();
        return senders;
    }

    private static async Task<Publication[]> ResendAsync(ServerUnderTest server, Sender[] senders)
    {
        await using var client = await server.ConnectAsync();
        var again = new Sender(client, senders[0].RunId, new());
        await again.SendAsync(senders.SelectMany(s => s.Sent).Select(p => p.MessageId));
        return [.. again.Sent];
    }

    /// <summary>Sent in order, so what survived of a connection is how it began, without a hole.</summary>
    private static void AssertKeptItsFirst(Sender sender, IReadOnlyList<CollaborationEvent> survived)
    {
        var sent = sender.Sent.Select(p => p.MessageId).ToArray();
        var kept = survived.Select(e => e.MessageId).Where(sent.ToHashSet().Contains).ToArray();
        Assert.Equal(sent.Take(kept.Length), kept);
    }

    private static void AssertRecognised(IReadOnlyList<CollaborationEvent> survived, Publication[] again)
    {
        var places = survived.ToDictionary(e => e.MessageId, e => e.SequenceNumber);
        Assert.All(again, p =>
        {
            var ack = Assert.IsType<PublishAck>(p.Outcome.Ack);
            Assert.Equal(places.ContainsKey(p.MessageId), ack.Duplicate);
            if (ack.Duplicate) Assert.Equal(places[p.MessageId], ack.SequenceNumber);
            else Assert.True(ack.SequenceNumber > survived.Count);
        });
    }
}
