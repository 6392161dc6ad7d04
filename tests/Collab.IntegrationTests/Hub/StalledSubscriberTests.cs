using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>A client that stops reading is cut off, delays nobody, and can come back and replay (P6).</summary>
public sealed class StalledSubscriberTests(StalledSubscriberTests.ServerOfLargeEvents server) : IClassFixture<StalledSubscriberTests.ServerOfLargeEvents>
{
    [Fact]
    public async Task A_subscriber_that_stops_reading_is_cut_off_and_replays_when_it_comes_back()
    {
        const int Events = 400, AtOnce = 20;
        var run = Guid.NewGuid();
        var agent = new string('x', 50_000);
        await using var publisher = await server.ConnectAsync("alice");
        await using var reader = await server.ConnectAsync("bob");
        await reader.JoinAsync(run);
        using var stalled = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));
        Assert.Null(HubWire.CodeOf(await stalled.CallAsync("JoinRun", $"""["{run}",null]""")));
        await reader.WaitForAsync(events => events.Any(e => e is { EventType: "USER_JOIN", UserId: "mallory" }));

        for (var sent = 0; sent < Events; sent += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => publisher.GraftAsync(run, agentName: agent)));
            await reader.WaitForSequenceAsync(run, sent + AtOnce);
        }

        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), reader.SequencesOf(run));
        await reader.WaitForAsync(events => events.Any(e => e is { EventType: "USER_LEAVE", UserId: "mallory" }));
        await server.Process.Output.WaitForAsync(lines => lines.Any(line => line.Contains(" is ended, slow: ", StringComparison.Ordinal)));
        await using var back = await server.ConnectAsync("mallory");
        var first = (await back.JoinAsync(run)).Events.Select(e => e.SequenceNumber!.Value).ToArray();
        await back.WaitForSequenceAsync(run, Events);
        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long)n), first.Concat(back.SequencesOf(run).Where(n => n > first[^1] && n <= Events)));
        Assert.Equal(Events + 1, (await publisher.GraftAsync(run)).SequenceNumber);
        await back.WaitForSequenceAsync(run, Events + 1);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_client_that_reads_on_after_it_was_cut_off_finds_whole_messages_and_why_or_the_cut()
    {
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");
        using var stalled = await HubWire.ConnectAsync(server.Address, TestTokens.Create("carol"));
        Assert.Null(HubWire.CodeOf(await stalled.CallAsync("JoinRun", $"""["{run}",null]""")));
        using var admin = server.AdminApi();
        var session = (await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.Connections.Single(c => c.UserId == "carol").SessionId;

        for (var sent = 0; await ReasonAsync() is null; sent += 20)
        {
            Assert.True(sent < 2_000, "It is never cut off.");
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => publisher.GraftAsync(run, agentName: new string('x', 50_000))));
        }

        // Each is parsed as a whole: a half one would fail here.
        var messages = new List<JsonElement>();
        while (await stalled.NextAsync().WaitAsync(Patience.Default) is { } message) messages.Add(message);
        Assert.Equal("slow", await ReasonAsync());
        var numbers = messages.Where(m => m.GetProperty("type").GetInt32() == 1)
            .SelectMany(m => m.GetProperty("arguments")[1].EnumerateArray())
            .Select(e => e.TryGetProperty("sequenceNumber", out var n) && n.ValueKind == JsonValueKind.Number ? n.GetInt64() : 0).Where(n => n > 0).ToArray();
        Assert.Equal(Enumerable.Range(1, numbers.Length).Select(n => (long)n), numbers);
        foreach (var close in messages.Where(m => m.GetProperty("type").GetInt32() == 7))
        {
            Assert.Equal(close.GetRawText(), messages[^1].GetRawText());
            Assert.StartsWith("[slow] ", close.GetProperty("error").GetString(), StringComparison.Ordinal);
            Assert.True(close.GetProperty("allowReconnect").GetBoolean());
        }
        server.AssertNoComplaint();

        async Task<string?> ReasonAsync() => (await admin.GetAsync<ConnectionMetrics>($"api/admin/websocket/metrics/{session}")).Value.Reason;
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("replay?limit=1000")]
    [InlineData("poll")]
    public async Task A_request_whose_answer_is_not_read_is_cut_off(string endpoint)
    {
        const int Events = 300, AtOnce = 20;
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");
        for (var sent = 0; sent < Events; sent += AtOnce)
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => publisher.GraftAsync(run, agentName: new string('x', 50_000))));
        using var api = server.Api("alice");
        var before = await CutOffAsync();

        using var stalled = new TcpClient { ReceiveBufferSize = 4096 };
        await stalled.ConnectAsync(server.Address.Host, server.Address.Port);
        var path = $"api/runs/{run}/collaboration/{endpoint}";
        await stalled.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /{path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer {TestTokens.Create("mallory")}\r\n\r\n"));

        await Eventually.TrueAsync(async () => await CutOffAsync() > before, Patience.Process);
        server.AssertNoComplaint();

        async Task<double> CutOffAsync() => (await api.MetricsAsync())["collab_slow_client_disconnects_total"];
    }

    /// <summary>Takes events so large that they soon fill the kernel's buffers.</summary>
    public sealed class ServerOfLargeEvents : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More => [new("Collab:Limits:EventBytes", "60000")];
    }
}
