using System.Net;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>Batches by hub and HTTP: all or none, or in order up to what may be tried again; each event answered in its place.</summary>
public sealed class BatchTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    public static TheoryData<string, string> Malformed => new()
    {
        { "null", "1 to 100" },
        { "[]", "1 to 100" },
        { "\"x\"", "1 to 100" },
        { "{}", "1 to 100" },
        { $"[{string.Join(',', Enumerable.Repeat(Flag, 101))}]", "1 to 100" },
        { $"[{Flag},null]", "events[1]" },
        { $"[{Flag},{Flag},7]", "events[2]" },
        { $"[{Flag},[]]", "events[1]" },
        { $$"""[{{Flag}},{"eventType":5}]""", "events[1].eventType" },
        { """[{"eventType":"FLAG","data":{"stepId":"PM"},"messageId":{}}]""", "events[0].messageId" },
    };

    public static TheoryData<string, string> Invalid => new()
    {
        { """{"eventType":"NOPE"}""", "Unknown event type" },
        { "{}", "Unknown event type" },
        { """{"eventType":"USER_JOIN"}""", "USER_JOIN" },
        { """{"eventType":"FLAG"}""", "stepId" },
        { """{"eventType":"FLAG","data":"x"}""", "data" },
        { """{"eventType":"FLAG","data":{"stepId":"\u0000"}}""", "U+0000" },
        { """{"eventType":"FLAG","data":{"stepId":"PM"},"messageId":"1"}""", "messageId" },
        { $$"""{"eventType":"FLAG","data":{"stepId":"PM"},"messageId":"{{Taken}}"}""", "messageId" },
    };

    private const string Flag = """{"eventType":"FLAG","data":{"stepId":"PM"}}""";
    private const string Taken = "0198c0de-0000-7000-8000-000000000001";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_events_of_a_batch_are_side_by_side_and_in_order_for_all(bool atomic)
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.JoinAsync(run);
        var others = Enumerable.Range(0, 100).Select(_ => bob.GraftAsync(run)).ToArray();
        var batches = Enumerable.Range(0, 10).Select(b => BatchAsync(alice, run, [.. Enumerable.Range(0, 20).Select(i => Note($"{b}/{i}"))], atomic)).ToArray();

        var results = await Task.WhenAll(batches);
        await Task.WhenAll(others);

        foreach (var numbers in results.Select(r => r.Select(result => result.Ack!.SequenceNumber!.Value).ToArray()))
            Assert.Equal(Enumerable.Range(0, 20).Select(i => numbers[0] + i), numbers);
        await bob.WaitForSequenceAsync(run, 300);
        Assert.Equal(Enumerable.Range(1, 300).Select(n => (long)n), bob.SequencesOf(run));
        var notes = bob.Events.All.Where(e => e.EventType == "FLAG").Select(e => e.Data.GetProperty("note").GetString());
        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"{n / 20}/{n % 20}"), notes);
    }

    [Fact]
    public async Task Calls_of_one_connection_keep_their_order_around_a_batch()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i < 20; i++)
        {
            var before = alice.GraftAsync(run);
            var batch = BatchAsync(alice, run, [Note("a"), Note("b")], atomic: i % 2 == 0);
            var after = alice.GraftAsync(run);

            var numbers = (await batch).Select(r => r.Ack!.SequenceNumber).Prepend((await before).SequenceNumber).Append((await after).SequenceNumber);
            Assert.Equal(Enumerable.Range(1 + (4 * i), 4).Select(n => (long?)n), numbers);
        }
    }

    [Theory, MemberData(nameof(Malformed))]
    public async Task What_is_no_list_of_events_is_refused_as_a_whole_and_says_where(string events, string named)
    {
        var run = Guid.NewGuid();
        await using var mallory = await server.ConnectAsync("mallory");
        using var api = server.Api("mallory");
        foreach (var atomic in (bool[])[true, false])
        {
            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => BatchAsync(mallory, run, JsonElement.Parse(events), atomic));
            Assert.Contains("[invalid_event]", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(named, refusal.Message, StringComparison.Ordinal);

            var answer = await PostAsync(api, run, JsonElement.Parse(events), atomic);
            RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, answer);
            Assert.Contains(named, answer.Body, StringComparison.Ordinal);
        }
        Assert.Equal(1, (await mallory.GraftAsync(run)).SequenceNumber);
        server.AssertNoComplaint();
    }

    [Theory, MemberData(nameof(Invalid))]
    public async Task An_event_that_is_not_valid_refuses_an_atomic_batch_and_of_another_only_itself(string wrong, string named)
    {
        var (run, taken) = (Guid.NewGuid(), new { eventType = "FLAG", data = new { stepId = "PM" }, messageId = Taken });
        await using var alice = await server.ConnectAsync("alice");
        object[] events = [taken, Note("b"), JsonElement.Parse(wrong), Note("c")];

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => BatchAsync(alice, run, events, atomic: true));
        Assert.Contains("[invalid_event] events[2]: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Empty((await alice.JoinAsync(run)).Events);

        var results = await BatchAsync(alice, run, events, atomic: false);
        Assert.Equal([1, 2, null, 3], results.Select(r => r.Ack?.SequenceNumber));
        Assert.Equal("invalid_event", results[2].Error?.Code);
        Assert.Contains(named, results[2].Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_sent_again_is_stored_once_and_an_id_of_another_user_refuses_it()
    {
        var (run, ids) = (Guid.NewGuid(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray());
        using var alice = server.Api("alice");
        using var mallory = server.Api("mallory");
        var events = ids.Select(id => new { eventType = "FLAG", data = new { stepId = "PM" }, messageId = id }).ToArray();

        Assert.Equal(HttpStatusCode.Created, (await PostAsync(alice, run, events, atomic: true)).Status);
        var again = await PostAsync(alice, run, events, atomic: true);

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal([(1L, true), (2L, true), (3L, true)], Read(again).Select(r => (r.Ack!.SequenceNumber!.Value, r.Ack.Duplicate)));
        var foreign = await PostAsync(mallory, run, new object[] { Note("x"), events[1] }, atomic: true);
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, foreign);
        Assert.Contains("events[1]: messageId", foreign.Body, StringComparison.Ordinal);
        Assert.Equal(3, (await alice.PollAsync(run)).Value.LastSequence);
    }

    [Fact]
    public async Task Ephemeral_events_go_out_with_a_batch_that_is_not_atomic()
    {
        var run = Guid.NewGuid();
        await using var bob = await server.ConnectAsync("bob");
        await bob.JoinAsync(run);
        using var api = server.Api("alice");
        object[] typing = [new { eventType = "TYPING", data = new { at = 1 } }];

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(api, run, typing, atomic: false)).Status);
        await bob.WaitForAsync(events => events.Any(e => e.EventType == "TYPING"));
        var mixed = await PostAsync(api, run, (object[])[.. typing, Note("a")], atomic: false);
        Assert.Equal(HttpStatusCode.Created, mixed.Status);
        Assert.Equal([null, 1], Read(mixed).Select(r => r.Ack!.SequenceNumber));
        var atomic = await PostAsync(api, run, (object[])[Note("a"), .. typing], atomic: true);
        Assert.Contains("events[1]: TYPING", atomic.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rights_and_places_are_asked_for_event_by_event()
    {
        var run = Guid.NewGuid();
        await using var reader = await server.ConnectAsync("reader", $"{run}:read");
        await using var nobody = await server.ConnectAsync("nobody", $"{Guid.NewGuid()}:write");
        var cursor = new { eventType = "CURSOR_MOVE", data = new { nodeId = "PM" } };

        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(BatchAsync(nobody, run, new[] { cursor }, atomic: false)));
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(BatchAsync(reader, run, [Note("a")], atomic: true)));
        var before = await BatchAsync(reader, run, [cursor, Note("a")], atomic: false);
        Assert.Equal(["invalid_event", "forbidden"], before.Select(r => r.Error?.Code));
        await reader.JoinAsync(run);
        var joined = await BatchAsync(reader, run, [cursor, Note("a")], atomic: false);
        Assert.Equal([null, "forbidden"], joined.Select(r => r.Error?.Code));
    }

    private static object Note(string note) => new { eventType = "FLAG", data = new { stepId = "PM", note } };

    private static Task<PublishResult[]> BatchAsync(HubClient client, Guid run, object events, bool atomic) =>
        client.InvokeAsync<PublishResult[]>("PublishBatch", run, events, atomic);

    private static Task<PublishResult[]> BatchAsync(HubClient client, Guid run, object[] events, bool atomic) => BatchAsync(client, run, (object)events, atomic);

    private static Task<ApiResponse> PostAsync(ApiClient api, Guid run, object events, bool atomic) =>
        api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events/batch", new { events, atomic });

    private static IReadOnlyList<PublishResult> Read(ApiResponse answer) =>
        JsonSerializer.Deserialize(answer.Body, CollabJson.Default.IReadOnlyListPublishResult)!;
}
