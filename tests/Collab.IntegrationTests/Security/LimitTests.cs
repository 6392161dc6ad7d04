using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Overload is refused at once and with its code, and costs nobody but the one who causes it (P6, P8). Here the limits are the default ones.</summary>
public sealed class LimitTests(LimitTests.LimitedServer server) : IClassFixture<LimitTests.LimitedServer>
{
    [Fact]
    public async Task Of_a_burst_what_the_limit_allows_is_stored_and_the_rest_is_refused()
    {
        const int Sent = 10_000, Burst = 50, PerSecond = 20;
        var run = Guid.NewGuid();
        await using var other = await server.ConnectAsync("bob");
        await other.JoinAsync(run);
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        var started = Stopwatch.GetTimestamp();
        var sending = SendAllAsync();
        var refusals = new List<string>();
        for (var answered = 0; answered < Sent;)
        {
            var message = (await wire.NextAsync())!.Value;
            if (message.GetProperty("type").GetInt32() != 3) continue;
            answered++;
            if (HubWire.CodeOf(message) is { } code) refusals.Add(code);
        }
        await sending;
        var elapsed = Stopwatch.GetElapsedTime(started);

        Assert.All(refusals, code => Assert.Equal("rate_limited", code));
        Assert.InRange(Sent - refusals.Count, Burst, Burst + 1 + PerSecond * elapsed.TotalSeconds);
        var mine = await other.GraftAsync(run);
        Assert.Equal(Sent - refusals.Count + 1, mine.SequenceNumber);
        await other.WaitForSequenceAsync(run, mine.SequenceNumber!.Value);
        server.AssertNoComplaint();

        async Task SendAllAsync()
        {
            for (var i = 0; i < Sent; i++) await wire.BeginCallAsync($"b{i}", "Graft", $$"""["{{run}}",{"after":"A","agentName":"x"},null]""");
        }
    }

    [Fact]
    public async Task Of_a_batch_as_much_is_taken_as_the_limit_allows_and_an_atomic_one_is_refused_whole()
    {
        var run = Guid.NewGuid();
        await using var hub = await server.ConnectAsync("dora");
        using var api = server.Api("erin");
        object[] events = [.. Enumerable.Repeat(new { eventType = "FLAG", data = new { stepId = "PM" } }, 100)];

        var results = await hub.InvokeAsync<PublishResult[]>("PublishBatch", run, events, false);
        var taken = results.TakeWhile(r => r.Ack is not null).Count();
        Assert.InRange(taken, 50, 55);
        Assert.All(results[taken..], r => Assert.Equal("rate_limited", r.Error?.Code));
        Assert.All(results[taken..], r => Assert.InRange(r.Error!.RetryAfterMs!.Value, 1, 1000));

        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(hub.InvokeAsync<PublishResult[]>("PublishBatch", run, events[..51], true)));
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(50)).Status);
        var refused = await PostAsync(50);
        RawHttp.AssertRefused(CollabErrorCode.RateLimited, refused);
        Assert.InRange(JsonDocument.Parse(refused.Body).RootElement.GetProperty("retryAfterMs").GetInt64(), 1, 2500);

        Task<ApiResponse> PostAsync(int count) => api.SendAsync(
            HttpMethod.Post, $"api/runs/{run}/collaboration/events/batch", new { events = events[..count], atomic = true });
    }

    [Fact]
    public async Task Over_HTTP_the_refusal_says_when_to_come_back_and_the_limit_is_the_users()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("carol");
        await using var hub = await server.ConnectAsync("carol");
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Record.ExceptionAsync(() => hub.GraftAsync(run))));

        ApiResponse<PublishAck> answer;
        do answer = await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });
        while (answer.Status == HttpStatusCode.Created);

        RawHttp.AssertRefused(CollabErrorCode.RateLimited, answer);
        Assert.True(answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        using var other = server.Api("dave");
        Assert.Equal(HttpStatusCode.Created, (await other.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" })).Status);
    }

    [Fact]
    public async Task Too_many_cursor_moves_are_refused_and_take_nothing_from_publishes()
    {
        var run = Guid.NewGuid();
        await using var hub = await server.ConnectAsync("erin");
        await hub.JoinAsync(run);

        var moves = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Record.ExceptionAsync(() => hub.MoveCursorAsync(run, $"N{i}"))));

        Assert.NotEmpty(moves.OfType<Exception>());
        Assert.All(moves.OfType<Exception>(), e => Assert.StartsWith("[rate_limited] ", e.Message, StringComparison.Ordinal));
        Assert.InRange(moves.Count(e => e is null), 30, 999);
        Assert.Equal(1, (await hub.GraftAsync(run)).SequenceNumber);
    }

    [Fact]
    public async Task A_user_has_so_many_connections_and_gets_one_back_for_each_that_ends()
    {
        var open = new List<HubClient>();
        for (var i = 0; i < 20; i++) open.Add(await server.ConnectAsync("frank"));
        using var tooMany = await HubWire.ConnectAsync(server.Address, TestTokens.Create("frank"));
        Assert.Equal("too_many", HubWire.CodeOf(await tooMany.EndAsync() ?? "nothing was said"));
        await using var other = await server.ConnectAsync("grace");
        Assert.Equal(1, (await other.GraftAsync(Guid.NewGuid())).SequenceNumber);

        await open[0].DisposeAsync();
        await Eventually.TrueAsync(async () =>
        {
            await using var again = await server.ConnectAsync("frank");
            return await Record.ExceptionAsync(() => again.InvokeAsync<Pong>("Ping", 1, null)) is null;
        });
        foreach (var client in open) await client.DisposeAsync();
    }

    [Fact]
    public async Task Streams_are_connections_too()
    {
        var run = Guid.NewGuid();
        await using var hub = await server.ConnectAsync("judy");
        await hub.JoinAsync(run);
        using var api = server.Api("judy");
        var streams = Enumerable.Range(0, 19).Select(_ => api.StreamAsync(run).GetAsyncEnumerator()).ToArray();
        foreach (var stream in streams) Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));

        var tooMany = await RawHttp.SendAsync(server.Address, HttpMethod.Get, $"api/runs/{run}/collaboration/stream", TestTokens.Create("judy"));

        RawHttp.AssertRefused(CollabErrorCode.RateLimited, tooMany);
        Assert.NotNull(tooMany.Headers.RetryAfter);
        foreach (var stream in streams) await stream.DisposeAsync();
        await Eventually.TrueAsync(async () =>
            (await RawHttp.SendAsync(server.Address, HttpMethod.Get, $"api/runs/{run}/collaboration/stream", TestTokens.Create("judy"))).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_connection_joins_so_many_runs_and_may_leave_one_for_another()
    {
        var runs = Enumerable.Range(0, 51).Select(_ => Guid.NewGuid()).ToArray();
        await using var hub = await server.ConnectAsync("heidi");
        foreach (var run in runs.Take(50)) await hub.JoinAsync(run);

        await using var watcher = await server.ConnectAsync("watcher");
        await watcher.JoinAsync(runs[50]);
        Assert.Equal(CollabErrorCode.RateLimited, await HubClient.RefusalOf(hub.JoinAsync(runs[50])));
        await using var marker = await server.ConnectAsync("marker");
        await marker.JoinAsync(runs[50]);
        await watcher.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserJoin, UserId: "marker" }));
        Assert.DoesNotContain(watcher.Events.All, e => e.UserId == "heidi");
        await hub.JoinAsync(runs[0]);
        await hub.InvokeAsync("LeaveRun", runs[0]);
        await hub.JoinAsync(runs[50]);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_takes_on_again_when_it_has_emptied()
    {
        await using var small = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?>
            {
                ["Collab:Limits:QueueLength"] = "1",
                ["Collab:Limits:PublishPerSecond"] = "0",
                ["Collab:Limits:PublishPerMinute"] = "0",
            },
        });
        var run = Guid.NewGuid();
        await using var hub = await HubClient.ConnectAsync(small.BaseAddress, TestTokens.Create("ivan"));

        var publishes = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Record.ExceptionAsync(() => hub.GraftAsync(run))));

        var refused = publishes.OfType<Exception>().ToArray();
        Assert.NotEmpty(refused);
        Assert.All(refused, e => Assert.StartsWith("[overloaded] ", e.Message, StringComparison.Ordinal));
        Assert.Equal(publishes.Length - refused.Length + 1, (await hub.GraftAsync(run)).SequenceNumber);
        using var api = new ApiClient(small.BaseAddress, TestTokens.Create("ivan"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" })));
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.Created), a => RawHttp.AssertRefused(CollabErrorCode.Overloaded, a));
    }

    /// <summary>The limits as they are by default.</summary>
    public sealed class LimitedServer : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More =>
            ((string[])["PublishPerSecond", "PublishPerMinute", "CursorPerSecond", "ConnectionsPerUser"])
            .Select(limit => KeyValuePair.Create($"Collab:Limits:{limit}", (string?)null));
    }
}
