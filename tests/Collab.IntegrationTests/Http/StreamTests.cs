using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>The stream of server-sent events: same events, resumed exactly where it was left (P4).</summary>
public sealed class StreamTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task It_begins_with_the_run_sends_what_was_missed_and_goes_on_with_what_comes()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await using var hub = await server.ConnectAsync("bob");
        await hub.GraftAsync(run);
        await hub.GraftAsync(run);
        await using var stream = api.StreamAsync(run).GetAsyncEnumerator();

        Assert.Equal("run", (await NextAsync(stream)).Type);
        Assert.Equal("1", (await NextAsync(stream)).Id);
        Assert.Equal("2", (await NextAsync(stream)).Id);
        await hub.GraftAsync(run);
        var live = await NextCriticalAsync(stream);
        await hub.PublishAsync(run, "TYPING", new { });
        var ephemeral = await NextAsync(stream);
        while (ephemeral.ToEvent().EventType != "TYPING") ephemeral = await NextAsync(stream);

        Assert.Equal(("3", "message", 3L), (live.Id, live.Type, live.ToEvent().SequenceNumber!.Value));
        Assert.True(string.IsNullOrEmpty(ephemeral.Id) || ephemeral.Id == "3", "An ephemeral event leaves the last id as it is.");
        Assert.Null(ephemeral.ToEvent().SequenceNumber);
    }

    [Fact]
    public async Task Last_Event_ID_resumes_exactly_whatever_comes_meanwhile()
    {
        const int Events = 300;
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await using var hub = await server.ConnectAsync("bob");
        var publishing = Task.WhenAll(Enumerable.Range(0, Events).Select(_ => hub.GraftAsync(run)));

        var seen = new List<long>();
        while (seen.Count < Events)
        {
            await using var stream = api.StreamAsync(run, seen.Count == 0 ? null : seen[^1]).GetAsyncEnumerator();
            for (var i = 0; i < 37 && seen.Count < Events; i++) seen.Add((await NextCriticalAsync(stream)).ToEvent().SequenceNumber!.Value);
        }
        await publishing;

        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), seen);
    }

    [Fact]
    public async Task The_events_are_the_same_text_as_in_a_replay()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await api.PublishAsync(run, "COMMENT", new { text = "Grüße \"quoted\" <b> 🚀", number = 1.50m });
        await using var stream = api.StreamAsync(run).GetAsyncEnumerator();

        var streamed = (await NextCriticalAsync(stream)).Data;

        Assert.Equal((await api.ReplayAsync(run)).Json.GetProperty("events")[0].GetRawText(), streamed);
        Assert.Equal((await api.PollAsync(run)).Json.GetProperty("events")[0].GetRawText(), streamed);
    }

    [Fact]
    public async Task Who_streams_is_there_until_the_stream_ends()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice");
        await using var hub = await server.ConnectAsync("bob");
        await hub.JoinAsync(run);

        await using (var stream = api.StreamAsync(run).GetAsyncEnumerator())
        {
            await NextAsync(stream);
            await hub.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserJoin, UserId: "alice" }));
        }

        await hub.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserLeave, UserId: "alice" }));
    }

    private static async Task<StreamedEvent> NextAsync(IAsyncEnumerator<StreamedEvent> stream)
    {
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        return stream.Current;
    }

    private static async Task<StreamedEvent> NextCriticalAsync(IAsyncEnumerator<StreamedEvent> stream)
    {
        while (true)
        {
            var next = await NextAsync(stream);
            if (next.Type == "message" && next.ToEvent().IsCritical) return next;
        }
    }
}
