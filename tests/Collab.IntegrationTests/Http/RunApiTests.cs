using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>The HTTP API of a run: what a client sees and does whose WebSocket is blocked (P4).</summary>
public sealed class RunApiTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task A_publish_is_201_its_repeat_200_and_an_ephemeral_one_202()
    {
        var (run, id) = (Guid.NewGuid(), Guid.NewGuid());
        using var api = server.Api("alice");
        await using var hub = await server.ConnectAsync("alice");

        var first = await api.PublishAsync(run, EventTypes.Flag, new { stepId = "A", note = "why?" }, id);
        var repeat = await api.PublishAsync(run, EventTypes.Flag, new { stepId = "A", note = "why?" }, id);
        var overHub = await hub.PublishAsync(run, EventTypes.Flag, new { stepId = "A" }, id);
        var cursor = await api.PublishAsync(run, EventTypes.CursorMove, new { nodeId = "A" });

        Assert.Equal((HttpStatusCode.Created, 1L, false, id), (first.Status, first.Value.SequenceNumber!.Value, first.Value.Duplicate, first.Value.MessageId));
        Assert.Equal((HttpStatusCode.OK, 1L, true, first.Value.Timestamp), (repeat.Status, repeat.Value.SequenceNumber!.Value, repeat.Value.Duplicate, repeat.Value.Timestamp));
        Assert.Equal((1L, true), (overHub.SequenceNumber!.Value, overHub.Duplicate));
        Assert.Equal((HttpStatusCode.Accepted, null), (cursor.Status, cursor.Value.SequenceNumber));
    }

    [Fact]
    public async Task A_poll_answers_at_once_with_what_there_is()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await GraftAsync(api, run, 3);

        var all = (await api.PollAsync(run)).Value;
        var rest = (await api.PollAsync(run, afterSequence: 2, waitSeconds: 30)).Value;
        var none = (await api.PollAsync(run, afterSequence: 3)).Value;

        Assert.Equal([1L, 2L, 3L], all.Events.Select(e => e.SequenceNumber!.Value));
        Assert.Equal((3L, 1L, false), (all.LastSequence, all.OldestSequence, all.Truncated));
        Assert.Equal([3L], rest.Events.Select(e => e.SequenceNumber!.Value));
        Assert.Empty(none.Events);
        Assert.Equal(["alice"], none.ActiveUsers);
    }

    [Fact]
    public async Task A_long_poll_is_woken_by_an_event()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await GraftAsync(api, run, 1);
        await using var watcher = await server.ConnectAsync("bob");
        await watcher.JoinAsync(run);

        // Its USER_JOIN says that the poll has arrived; it wakes nobody who was there before.
        var poll = api.PollAsync(run, afterSequence: 1, waitSeconds: 30);
        await watcher.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserJoin, UserId: "alice" }));
        await watcher.GraftAsync(run);
        var answer = (await poll.WaitAsync(Patience.Default)).Value;
        if (answer.Events.Count == 0) answer = (await api.PollAsync(run, afterSequence: 1, waitSeconds: 30).WaitAsync(Patience.Default)).Value;

        Assert.Equal([2L], answer.Events.Select(e => e.SequenceNumber!.Value));
    }

    [Fact]
    public async Task A_long_poll_without_an_event_ends_empty()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await api.PollAsync(run);

        var answer = await api.PollAsync(run, waitSeconds: 1);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Empty(answer.Value.Events);
        Assert.Equal(0, answer.Value.LastSequence);
    }

    [Fact]
    public async Task A_replay_pages_through_all_events()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await GraftAsync(api, run, 25);

        var seen = new List<long>();
        ReplayResult page;
        do
        {
            page = (await api.ReplayAsync(run, afterSequence: seen.LastOrDefault(), limit: 10)).Value;
            Assert.Equal(25 - seen.Count, page.TotalEvents);
            seen.AddRange(page.Events.Select(e => e.SequenceNumber!.Value));
            Assert.Equal(seen.Count < 25, page.HasMore);
        }
        while (page.HasMore);

        Assert.Equal(Enumerable.Range(1, 25).Select(n => (long)n), seen);
        Assert.Equal((25L, 1L), (page.LastSequence, page.OldestSequence));
    }

    [Fact]
    public async Task A_large_answer_has_the_same_events_as_many_small_ones()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        for (var i = 0; i < 20; i++) await api.PublishAsync(run, EventTypes.Flag, new { stepId = "A", note = $"{i}{new string('é', 8_000)}" });
        var one = new List<string>();
        for (var i = 0; i < 20; i++) one.Add((await api.ReplayAsync(run, afterSequence: i, limit: 1)).Json.GetProperty("events")[0].GetRawText());

        var replay = await api.ReplayAsync(run, limit: 20);
        var poll = await api.PollAsync(run);

        Assert.Equal(one, replay.Json.GetProperty("events").EnumerateArray().Select(e => e.GetRawText()));
        Assert.Equal(one, poll.Json.GetProperty("events").EnumerateArray().Select(e => e.GetRawText()));
        Assert.Equal((20, false), (replay.Value.TotalEvents, replay.Value.HasMore));
        Assert.Equal(20, poll.Value.LastSequence);
        Assert.Equal(["alice"], poll.Value.ActiveUsers);
    }

    [Fact]
    public async Task A_replay_is_filtered_by_each_of_its_parameters()
    {
        var run = Guid.NewGuid();
        using var alice = server.Api("alice");
        using var bob = server.Api("bob & söhne");
        await alice.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });
        await bob.PublishAsync(run, EventTypes.Prune, new { stepId = "A", isPruned = true });
        await alice.PublishAsync(run, EventTypes.Flag, new { stepId = "A" });
        var third = (await alice.ReplayAsync(run, fromSequence: 3)).Value.Events.Single();
        var at = DateTimeOffset.FromUnixTimeMilliseconds(third.Timestamp);

        Assert.Equal([1L, 2L, 3L], Numbers(await alice.ReplayAsync(run, fromSequence: 0)));
        Assert.Equal([2L, 3L], Numbers(await alice.ReplayAsync(run, fromSequence: 2)));
        Assert.Equal([3L], Numbers(await alice.ReplayAsync(run, afterSequence: 2)));
        Assert.Equal([1L], Numbers(await alice.ReplayAsync(run, limit: 1)));
        Assert.Equal([2L], Numbers(await alice.ReplayAsync(run, eventType: EventTypes.Prune)));
        Assert.Equal([2L], Numbers(await alice.ReplayAsync(run, userId: "bob & söhne")));
        Assert.Equal([1L, 3L], Numbers(await alice.ReplayAsync(run, userId: "alice")));
        Assert.Equal([3L], Numbers(await alice.ReplayAsync(run, afterSequence: 1, userId: "alice", eventType: EventTypes.Flag)));
        Assert.Contains(3L, Numbers(await alice.ReplayAsync(run, since: at)));
        Assert.Empty(Numbers(await alice.ReplayAsync(run, since: at.AddMilliseconds(1))));
        Assert.Equal([1L, 2L, 3L], Numbers(await alice.ReplayAsync(run, since: at.AddHours(-1).ToOffset(TimeSpan.FromHours(5)))));
    }

    [Fact]
    public async Task The_state_is_what_all_events_add_up_to()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        Assert.Equal(0, (await api.StateAsync(run)).Value.AsOfSequence);

        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "first" });
        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "second" });
        await api.PublishAsync(run, EventTypes.Prune, new { stepId = "B", isPruned = true });
        await api.PublishAsync(run, EventTypes.Prune, new { stepId = "C", isPruned = true });
        await api.PublishAsync(run, EventTypes.Prune, new { stepId = "B", isPruned = false });
        await api.PublishAsync(run, EventTypes.Flag, new { stepId = "D", note = "look" });
        var state = (await api.StateAsync(run)).Value;

        Assert.Equal(6, state.AsOfSequence);
        Assert.Equal(new GraftEntry("second", "alice", 2), Assert.Single(state.Grafts).Value);
        Assert.Equal(["C"], state.PrunedSteps);
        Assert.Equal(new FlagEntry("look", "alice", 6), state.Flags["D"]);
    }

    [Fact]
    public async Task The_epoch_is_one_everywhere_and_was_there_before_the_first_event()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        using var admin = server.AdminApi();
        await using var hub = await server.ConnectAsync("alice");

        var epoch = (await hub.JoinAsync(run)).Epoch;
        await hub.GraftAsync(run);
        Assert.Equal(epoch, (await hub.JoinAsync(run)).Epoch);
        Assert.Equal(epoch, (await api.PollAsync(run)).Value.Epoch);
        Assert.Equal(epoch, (await api.ReplayAsync(run)).Value.Epoch);
        await foreach (var start in api.StreamAsync(run))
        {
            Assert.Equal(("run", null), (start.Type, start.Id));
            Assert.Contains(epoch.ToString(), start.Data, StringComparison.Ordinal);
            break;
        }

        Assert.Equal(HttpStatusCode.NoContent, (await admin.EraseAsync(run)).Status);
        await hub.Closed.WaitAsync(Patience.Default);
        var after = (await api.PollAsync(run)).Value;
        Assert.NotEqual(epoch, after.Epoch);
        Assert.Empty(after.Events);
        Assert.Equal(0, (await api.StateAsync(run)).Value.AsOfSequence);
        await GraftAsync(api, run, 1);
        var begunAgain = (await api.PollAsync(run)).Value;
        Assert.Equal((after.Epoch, 1L), (begunAgain.Epoch, begunAgain.LastSequence));
    }

    private static async Task GraftAsync(ApiClient api, Guid run, int count)
    {
        for (var i = 0; i < count; i++)
            Assert.Equal(HttpStatusCode.Created, (await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" })).Status);
    }

    private static IEnumerable<long> Numbers(ApiResponse<ReplayResult> answer) => answer.Value.Events.Select(e => e.SequenceNumber!.Value);
}
