using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Cluster;

/// <summary>Two people change one step while both are away, and come back at two servers: one edit is applied, and the other waits for its author.</summary>
public sealed class ClashingEditsTests(PostgresFixture postgres) : ServerPairTests(postgres)
{
    [Theory]
    [InlineData(false, "ana")]
    [InlineData(true, "ben")]
    [InlineData(true, "both")]
    public async Task Whoever_comes_back_first_is_applied_and_the_other_sees_both_and_decides(bool redis, string first)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var ana = await Person.ComeAsync("ana", pair.One.Process.BaseAddress, run);
        await using var ben = await Person.ComeAsync("ben", pair.Two.Process.BaseAddress, run);
        await ana.Run.GraftAsync("PM", "planner").WaitAsync(Patience.Default);
        foreach (var person in (Person[])[ana, ben]) await person.HasAsync(s => s.LastSequence == 1);

        // Away: each changes the step as it was, one of them twice, and something that nobody else touches.
        foreach (var person in (Person[])[ana, ben]) await person.GoAsync();
        var anas = ana.Publish(new { stepId = "PM", note = "too slow" }, new { stepId = "ANA", note = "mine" });
        var bens = ben.Publish(new { stepId = "PM", note = "wrong model" }, new { stepId = "PM", note = "wrong model, really" }, new { stepId = "BEN", note = "mine" });
        await ana.HasAsync(s => s.QueuedCount == 2);
        await ben.HasAsync(s => s.QueuedCount == 3);
        var (one, other) = first == "ben" ? (ben, ana) : (ana, ben);
        one.ComeBack();
        if (first != "both") await one.HasAsync(s => s.QueuedCount == 0);
        other.ComeBack();
        foreach (var person in (Person[])[ana, ben]) await person.HasAsync(s => s.QueuedCount == 0);

        // Of one of the two nothing was refused; all that the other said about the step was, and the rest of it is there.
        Person[] refused = [.. ((Person[])[ana, ben]).Where(p => p.Run.Snapshot.Conflicts.Any())];
        var loser = Assert.Single(refused);
        if (first != "both") Assert.Same(other, loser);
        var winner = loser == ana ? ben : ana;
        Assert.All(winner == ana ? anas : bens, publish => Assert.True(publish.IsCompletedSuccessfully));
        PendingSend[] waiting = [.. loser.Run.Snapshot.Conflicts];
        Assert.Equal(loser == ana ? 1 : 2, waiting.Length);
        foreach (var send in waiting)
        {
            Assert.Equal("PM", send.Data.GetProperty("stepId").GetString());
            Assert.All(send.Error!.ConflictingEvents, e => Assert.Equal((winner.Name, "PM"), (e.UserId, e.Data.GetProperty("stepId").GetString())));
        }
        // The one who was refused decides: applied all the same, or dropped.
        loser.Run.Retry(waiting[^1].MessageId);
        foreach (var send in waiting[..^1]) loser.Run.Discard(send.MessageId);
        await loser.HasAsync(s => s.Pending.Count == 0);

        var last = 1 + anas.Length + bens.Length - (waiting.Length - 1);
        foreach (var person in (Person[])[ana, ben]) await person.HasAsync(s => s.LastSequence == last);
        Assert.Equal(ana.Run.Snapshot.Events.Select(e => e.MessageId), ben.Run.Snapshot.Events.Select(e => e.MessageId));
        var flags = ana.Run.Snapshot.State.Flags;
        Assert.Equal(["ANA", "BEN", "PM"], flags.Keys.Order());
        Assert.Equal((waiting[^1].Data.GetProperty("note").GetString(), loser.Name), (flags["PM"].Note, flags["PM"].UserId));
    }

    /// <summary>Somebody with a client whose network can be taken away.</summary>
    private sealed class Person : IAsyncDisposable
    {
        private readonly TcpProxy _network;
        private readonly CollabClient _client;

        private Person(string name, TcpProxy network, CollabClient client, RunConnection run) => (Name, _network, _client, Run) = (name, network, client, run);

        public string Name { get; }

        public RunConnection Run { get; }

        public static async Task<Person> ComeAsync(string name, Uri server, Guid run)
        {
            var network = new TcpProxy(server);
            var client = new CollabClient(new()
            {
                BaseAddress = network.BaseAddress,
                Token = _ => ValueTask.FromResult(TestTokens.Create(name)),
                Backoff = attempt => TimeSpan.FromMilliseconds(20 * Math.Min(attempt, 5)),
                FallbackAfter = 1000,
            });
            return new(name, network, client, await client.ConnectAsync(run).WaitAsync(Patience.Default));
        }

        public async Task GoAsync()
        {
            _network.RefuseAll(true);
            await HasAsync(s => !s.IsConnected);
        }

        public void ComeBack() => _network.RefuseAll(false);

        public Task<PublishAck>[] Publish(params object[] flags) =>
            [.. flags.Select(data => Run.PublishAsync(EventTypes.Flag, System.Text.Json.JsonSerializer.SerializeToElement(data), basedOnSequence: Run.Snapshot.LastSequence))];

        public Task HasAsync(Func<RunSnapshot, bool> condition) => Run.WaitForAsync(condition).WaitAsync(Patience.Process);

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _network.DisposeAsync();
        }
    }
}
