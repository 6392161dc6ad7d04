using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Monitoring;

/// <summary>
/// Metrics, health and the administrators' view agree to the unit with what scripted clients did. The server is this test's own, so nobody else adds to the figures.
/// </summary>
public sealed class FiguresTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const int Clients = 20;
    private const int Dropped = 5;
    private const int Polls = 10;
    private const int HubPublishes = 240;
    private const int HubRefusals = 5;
    private const int Cursors = 20;
    private const int HttpPublishes = 30;
    private const int HttpRefusals = 5;
    private const int Refusals = HubRefusals + HttpRefusals;
    private const int Repeats = 8;

    private readonly Guid _run = Guid.NewGuid();
    private long _inAnswers;
    private int _markers;

    private int InByHub => HubPublishes + HubRefusals + Cursors + _markers;

    private int In => InByHub + HttpPublishes + HttpRefusals;

    [Fact]
    public async Task Every_figure_is_what_the_clients_did()
    {
        using var admin = server.AdminApi();
        var clients = new List<HubClient>();
        for (var n = 0; n < Clients; n++) clients.Add(await JoinAsync(n, after: 0));
        await PublishAsync(clients);
        await DropAndReturnAsync(admin, clients);
        await PollAsync();
        await clients[10].PingAsync(12.5);
        // Not counted: a connection reports once in an interval.
        for (var i = 0; i < 20; i++) await clients[10].PingAsync(29_999);
        await clients[11].PingAsync();
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(clients[12].JoinAsync(_run, afterSequence: -1)));
        await clients[^1].WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserLeave, UserId: "poller" }));
        await EverythingHasArrivedAsync(clients);

        await AssertMetricsAsync(admin, clients);
        await AssertHealthAsync(admin);
        await AssertSessionsAsync(admin, clients);
        foreach (var client in clients) await client.DisposeAsync();
        await Eventually.TrueAsync(async () => (await HealthAsync(admin)).ActiveConnections == 0);
        Assert.Equal(Clients + Dropped, (await HealthAsync(admin)).TotalConnections);
    }

    private async Task AssertMetricsAsync(ApiClient admin, List<HubClient> clients)
    {
        var metrics = await admin.MetricsAsync();
        Assert.Equal(Clients + Dropped, metrics["orchestrator_websocket_connections_total"]);
        Assert.Equal(Dropped, metrics["orchestrator_websocket_disconnections_total"]);
        Assert.Equal(Dropped, metrics["orchestrator_websocket_reconnections_total"]);
        Assert.Equal(In, metrics["orchestrator_websocket_messages_in_total"]);
        Assert.Equal(Received(clients), metrics["orchestrator_websocket_messages_out_total"]);
        Assert.Equal(Refusals, metrics["orchestrator_websocket_message_failures_total"]);
        Assert.Equal(Polls, metrics["orchestrator_websocket_fallback_http_total"]);
        Assert.Equal(Clients, metrics["orchestrator_websocket_active_connections"]);
        Assert.Equal(1, metrics["orchestrator_websocket_active_runs"]);
        Assert.Equal(1, metrics["orchestrator_websocket_message_delivery_rate"]);
        // Five have come back once, 94; the others are at 100.
        Assert.Equal(98.5, metrics["orchestrator_websocket_connection_quality"]);
        Assert.Equal(Clients, metrics["""orchestrator_websocket_connections_by_health{status="healthy"}"""]);
        Assert.Equal(0, metrics["""orchestrator_websocket_connections_by_health{status="degraded"}"""]);
        Assert.Equal((1, 12.5), (metrics["orchestrator_websocket_message_latency_milliseconds_count"], metrics["orchestrator_websocket_message_latency_milliseconds_sum"]));
        Assert.Equal(1, metrics["""orchestrator_websocket_message_latency_milliseconds_bucket{le="25"}"""]);
        Assert.Equal(Refusals, metrics["""collab_publish_refusals_total{code="invalid_event"}"""]);
        Assert.Equal(Polls, metrics["collab_replay_requests_total"]);
        Assert.Equal(HubPublishes + HttpPublishes - Repeats, metrics["collab_append_batch_size_sum"]);
        Assert.Equal(metrics["collab_append_batch_size_count"], metrics["collab_append_latency_seconds_count"]);
        Assert.Equal((0, 10_000), (metrics["collab_append_queue_depth"], metrics["collab_append_queue_capacity"]));
        Assert.Equal((0, 0), (metrics["collab_slow_client_disconnects_total"], metrics["collab_deliveries_given_up_total"]));
        Assert.True(metrics["dotnet_process_memory_working_set_bytes"] > 0);
        Assert.Contains(metrics.Samples.Keys, name => name.StartsWith("kestrel_active_connections", StringComparison.Ordinal));
        Assert.Contains(metrics.Samples.Keys, name => name.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal));
        Assert.Contains(metrics.Samples.Keys, name => name.StartsWith("signalr_server_active_connections", StringComparison.Ordinal));
    }

    private async Task AssertHealthAsync(ApiClient admin)
    {
        var health = await HealthAsync(admin);
        // One call that is no publish was refused too.
        Assert.Equal((Clients + Dropped, Clients, In, Refusals + 1), (health.TotalConnections, health.ActiveConnections, health.MessagesProcessed, health.Errors));
        Assert.Equal(server.Address.Port, health.WebSocketPort);
        Assert.InRange(health.UptimeSeconds, 0, 600);
        var open = (await admin.GetAsync<ConnectionsHealth>("api/admin/websocket/health")).Value;
        Assert.Equal(new(Clients, Clients, 0, 0, 98.5, ConnectionStatus.Healthy) { Missing = open.Missing }, open);
        Assert.Equal((1, 0), (open.Servers, open.Missing.Count));
    }

    private async Task AssertSessionsAsync(ApiClient admin, List<HubClient> clients)
    {
        var sessions = (await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>("api/admin/websocket/metrics")).Value;
        Assert.Equal((Clients + Dropped, Dropped), (sessions.Count, sessions.Count(s => s.DisconnectedAt is not null)));
        Assert.Equal(Received(clients), sessions.Sum(s => s.MessagesSent));
        Assert.Equal(InByHub, sessions.Sum(s => s.MessagesReceived));
        Assert.Equal(HubRefusals, sessions.Sum(s => s.MessageFailures));
        Assert.Equal(Dropped, sessions.Sum(s => s.ReconnectionCount));
        Assert.All(sessions, s => Assert.Equal((_run, 1.0), (s.RunId!.Value, s.MessageDeliveryRate)));
        var pinged = Assert.Single(sessions, s => s.AverageLatencyMs is not null);
        Assert.Equal(("user-10", 12.5, 12.5, 100.0), (pinged.UserId, pinged.AverageLatencyMs, pinged.MaxLatencyMs, pinged.ConnectionQuality));
        Assert.Equal([94, 94, 94, 94, 94], sessions.Where(s => s.ReconnectionCount == 1).Select(s => s.ConnectionQuality));

        var overview = (await admin.GetAsync<ConnectionOverview>("api/admin/websocket/connections")).Value;
        Assert.Equal((1, Clients, Clients), (overview.TotalRuns, overview.TotalConnections, overview.ConnectionsByRun[_run]));
    }

    private async Task PublishAsync(List<HubClient> clients)
    {
        var ids = Enumerable.Range(0, HubPublishes - Repeats).Select(_ => Guid.NewGuid()).ToArray();
        await Task.WhenAll(ids.Concat(ids[..Repeats]).Select((id, n) => clients[n % ids.Length % Clients].GraftAsync(_run, messageId: id)));
        for (var n = 0; n < Cursors; n++) await clients[n].MoveCursorAsync(_run, $"step-{n}");
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(clients[0].PublishAsync(_run, "NOBODY_KNOWS", new { })));
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(clients[1].InvokeAsync("Graft", _run, new { after = "" }, null)));
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(clients[2].InvokeAsync("Flag", "no run", new { stepId = "A" }, null)));
        // SignalR itself cannot make these into a call.
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(clients[3].InvokeAsync("pruNE", _run)));
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(clients[4].InvokeAsync("MoveCursor", _run, 7, 8, 9)));

        using var api = server.Api("poster");
        for (var n = 0; n < HttpPublishes; n++) Assert.Equal(HttpStatusCode.Created, (await api.PublishAsync(_run, "FLAG", new { stepId = "A" })).Status);
        for (var n = 0; n < HttpRefusals; n++) Assert.Equal(CollabErrorCode.InvalidEvent, (await api.PublishAsync(_run, "FLAG", new { stepId = n })).Code);
    }

    /// <summary>One after the other, and none before all have what came so far: what is on its way to somebody who is gone is not counted here.</summary>
    private async Task DropAndReturnAsync(ApiClient admin, List<HubClient> clients)
    {
        for (var n = 0; n < Dropped; n++)
        {
            await EverythingHasArrivedAsync(clients[n..]);
            await clients[n].AbortAsync();
            await Eventually.TrueAsync(async () => (await HealthAsync(admin)).ActiveConnections == Clients - n - 1);
            _inAnswers += clients[n].Events.All.Length;
        }
        for (var n = 0; n < Dropped; n++) clients[n] = await JoinAsync(n, after: 100);
    }

    private async Task PollAsync()
    {
        using var api = server.Api("poller");
        for (var n = 0; n < Polls; n++)
        {
            Assert.Equal(HttpStatusCode.OK, (await api.PollAsync(_run, afterSequence: 200)).Status);
            Assert.Equal(HttpStatusCode.OK, (await api.ReplayAsync(_run)).Status);
        }
    }

    /// <summary>Clients with even numbers say who they are.</summary>
    private async Task<HubClient> JoinAsync(int n, long after)
    {
        var client = await HubClient.ConnectAsync(server.Address, TestTokens.Create($"user-{n}"), n % 2 == 0 ? $"tab-{n}" : null);
        _inAnswers += (await client.JoinAsync(_run, after)).Events.Count;
        return client;
    }

    /// <summary>Waits until the clients have got everything so far: what is sent last arrives last.</summary>
    private async Task EverythingHasArrivedAsync(List<HubClient> clients)
    {
        var marker = Guid.NewGuid();
        _markers++;
        await clients[^1].PublishAsync(_run, "TYPING", new { }, marker);
        foreach (var client in clients) await client.WaitForAsync(events => events.Any(e => e.MessageId == marker));
    }

    private long Received(List<HubClient> clients) => _inAnswers + clients.Sum(c => c.Events.All.Length);

    private static async Task<WebSocketHealth> HealthAsync(ApiClient admin) => (await admin.GetAsync<WebSocketHealth>("api/health/websocket")).Value;
}
