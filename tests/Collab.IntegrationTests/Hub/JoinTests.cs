using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>Joining misses nothing, again and again, on many runs (P4); and what the hub answers besides.</summary>
public sealed class JoinTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task No_event_is_missed_between_the_answer_to_a_join_and_the_first_events()
    {
        const int Events = 900, Joiners = 25;
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");

        var publishing = Task.WhenAll(Enumerable.Range(0, Events).Select(_ => publisher.GraftAsync(run)));
        var joining = Enumerable.Range(0, Joiners).Select(JoinAndCollectAsync).ToArray();
        await publishing;

        foreach (var seen in await Task.WhenAll(joining)) Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), seen);

        async Task<long[]> JoinAndCollectAsync(int number)
        {
            await using var joiner = await server.ConnectAsync($"joiner{number}");
            var answer = await joiner.JoinAsync(run);
            if (answer.Events is not [.., { SequenceNumber: Events }]) await joiner.WaitForSequenceAsync(run, Events);
            return [.. answer.Events.Select(e => e.SequenceNumber!.Value).Concat(joiner.SequencesOf(run)).Distinct()];
        }
    }

    [Fact]
    public async Task Who_joins_and_wants_no_answer_gets_the_events_all_the_same()
    {
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");
        using var socket = await RawHubSocket.ConnectAsync(server.Address, TestTokens.Create("bob"));
        await publisher.JoinAsync(run);
        await socket.InvokeAsync(id: null, "joinRun", $"""["{run}",null]""");
        await publisher.Events.WaitForAsync(all => all.Any(e => e is { EventType: EventTypes.UserJoin, UserId: "bob" }));

        await publisher.GraftAsync(run);

        string? frame;
        do frame = await socket.ReceiveAsync();
        while (frame?.Contains("GRAFT", StringComparison.Ordinal) is false);
        Assert.NotNull(frame);
    }

    [Fact]
    public async Task The_answer_to_a_join_comes_before_the_events_that_follow_it()
    {
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");
        // A long answer takes long enough to write for an event to overtake it, if one could.
        await Task.WhenAll(Enumerable.Range(0, 900).Select(_ => publisher.GraftAsync(run)));
        using var stop = new CancellationTokenSource();
        var publishing = PublishAsync();

        for (var i = 0; i < 40; i++)
        {
            using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("bob"));
            await wire.BeginCallAsync("join", "JoinRun", $"""["{run}",null]""");
            var first = await NextOfUseAsync(wire);
            Assert.Equal(3, first.GetProperty("type").GetInt32());
            var last = first.GetProperty("result").GetProperty("lastSequence").GetInt64();
            long? next = null;
            while (next is null)
            {
                var events = (await NextOfUseAsync(wire)).GetProperty("arguments")[1].EnumerateArray();
                next = events.Where(e => e.GetProperty("isCritical").GetBoolean()).Select(e => (long?)e.GetProperty("sequenceNumber").GetInt64()).FirstOrDefault();
            }
            Assert.True(next <= last + 1, $"The answer ended at {last}; the first event was {next}.");
        }
        await stop.CancelAsync();
        await publishing;

        async Task PublishAsync()
        {
            while (!stop.IsCancellationRequested) await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => publisher.GraftAsync(run)));
        }

        static async Task<JsonElement> NextOfUseAsync(HubWire wire)
        {
            while (true)
            {
                var message = (await wire.NextAsync())!.Value;
                if (message.GetProperty("type").GetInt32() != 6) return message;
            }
        }
    }

    [Fact]
    public async Task Joining_again_on_the_same_connection_starts_anew_and_doubles_nothing()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync(run);
        await alice.GraftAsync(run);
        await alice.GraftAsync(run);
        await bob.JoinAsync(run);

        var again = await bob.JoinAsync(run, afterSequence: 1);
        await alice.GraftAsync(run);
        await bob.WaitForSequenceAsync(run, 3);
        await bob.InvokeAsync<Pong>("Ping", 1, null);

        Assert.Equal([2L], again.Events.Select(e => e.SequenceNumber!.Value));
        Assert.Equal([3L], bob.SequencesOf(run));
        Assert.Equal(["alice", "bob"], again.ActiveUsers);
        Assert.DoesNotContain(alice.Events.All, e => e.EventType == EventTypes.UserLeave);
    }

    [Fact]
    public async Task Joining_again_and_again_under_load_doubles_no_event()
    {
        const int Events = 600;
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");

        var publishing = Task.WhenAll(Enumerable.Range(0, Events).Select(_ => alice.GraftAsync(run)));
        var answered = new HashSet<long>();
        while (answered.Count + bob.SequencesOf(run).Except(answered).Count() < Events)
        {
            var last = answered.Concat(bob.SequencesOf(run)).DefaultIfEmpty().Max();
            foreach (var e in (await bob.JoinAsync(run, last)).Events) answered.Add(e.SequenceNumber!.Value);
        }
        await publishing;

        var live = bob.SequencesOf(run);
        Assert.Equal(live.Distinct(), live);
        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), answered.Union(live).Order());
    }

    [Fact]
    public async Task After_leaving_a_run_nothing_of_it_comes_and_other_runs_go_on()
    {
        var (left, kept) = (Guid.NewGuid(), Guid.NewGuid());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync(left);
        await bob.JoinAsync(left);
        await bob.JoinAsync(kept);

        await bob.InvokeAsync("LeaveRun", left);
        await bob.InvokeAsync("LeaveRun", left);
        await alice.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserLeave, UserId: "bob" }));
        await alice.GraftAsync(left);
        await alice.WaitForSequenceAsync(left, 1);
        await alice.GraftAsync(kept);
        await bob.WaitForSequenceAsync(kept, 1);

        Assert.Empty(bob.SequencesOf(left));
        Assert.Equal([kept], (await bob.InvokeAsync<Pong>("Ping", 1, null)).LastSequences.Keys);
    }

    [Fact]
    public async Task One_connection_follows_many_runs_each_in_its_order()
    {
        var runs = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToArray();
        await using var bob = await server.ConnectAsync("bob");
        await using var alice = await server.ConnectAsync("alice");
        foreach (var run in runs) await bob.JoinAsync(run);

        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(_ => runs).Select(run => alice.GraftAsync(run)));
        foreach (var run in runs) await bob.WaitForSequenceAsync(run, 20);

        Assert.All(runs, run => Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), bob.SequencesOf(run)));
    }

    [Fact]
    public async Task A_ping_echoes_the_clients_clock_and_tells_where_the_joined_runs_stand()
    {
        var (joined, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync(joined);
        await alice.GraftAsync(joined);
        await alice.GraftAsync(joined);
        await alice.GraftAsync(other);
        await alice.WaitForSequenceAsync(joined, 2);

        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var pong = await alice.InvokeAsync<Pong>("Ping", 1234.5, 17.25);

        Assert.Equal(1234.5, pong.ClientTimestamp);
        Assert.InRange(pong.ServerTimestamp, before, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(2, Assert.Single(pong.LastSequences, p => p.Key == joined).Value);
        Assert.DoesNotContain(other, pong.LastSequences.Keys);
    }

    [Fact]
    public async Task Configured_types_are_kept_or_not_as_configured()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.JoinAsync(run);

        var typing = await alice.PublishAsync(run, "TYPING", new { stepId = "A" });
        var comment = await alice.PublishAsync(run, "COMMENT", new { text = "Hello", nested = new { list = new[] { 1, 2 } } });
        var seen = await bob.WaitForAsync(events => events.Any(e => e.EventType == "TYPING") && events.Any(e => e.EventType == "COMMENT"));

        Assert.Null(typing.SequenceNumber);
        Assert.Equal(1, comment.SequenceNumber);
        Assert.All(seen, e => Assert.Equal(e.EventType == "COMMENT", e.IsCritical));
        Assert.All(seen, e => Assert.Equal(e.IsCritical, e.SequenceNumber is not null));
        var kept = Assert.Single((await bob.JoinAsync(run)).Events);
        Assert.Equal("""{"text":"Hello","nested":{"list":[1,2]}}""", kept.Data.GetRawText());
    }
}
