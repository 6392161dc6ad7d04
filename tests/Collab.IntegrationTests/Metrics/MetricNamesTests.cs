using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Metrics;

/// <summary>The names that dashboards and alerts are built on, with their labels, each there from the start.</summary>
public sealed class MetricNamesTests
{
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["orchestrator_websocket_connections_total"] = "counter",
        ["orchestrator_websocket_disconnections_total"] = "counter",
        ["orchestrator_websocket_reconnections_total"] = "counter",
        ["orchestrator_websocket_messages_in_total"] = "counter",
        ["orchestrator_websocket_messages_out_total"] = "counter",
        ["orchestrator_websocket_message_failures_total"] = "counter",
        ["orchestrator_websocket_fallback_http_total"] = "counter",
        ["orchestrator_websocket_message_latency_milliseconds"] = "histogram",
        ["orchestrator_websocket_active_connections"] = "gauge",
        ["orchestrator_websocket_active_runs"] = "gauge",
        ["orchestrator_websocket_connection_quality"] = "gauge",
        ["orchestrator_websocket_message_delivery_rate"] = "gauge",
        ["orchestrator_websocket_connections_by_health"] = "gauge",
        ["collab_append_latency_seconds"] = "histogram",
        ["collab_append_batch_size"] = "histogram",
        ["collab_append_failures_total"] = "counter",
        ["collab_append_queue_depth"] = "gauge",
        ["collab_append_queue_capacity"] = "gauge",
        ["collab_events_trimmed_total"] = "counter",
        ["collab_replay_requests_total"] = "counter",
        ["collab_slow_client_disconnects_total"] = "counter",
        ["collab_deliveries_given_up_total"] = "counter",
        ["collab_disconnects_total"] = "counter",
        ["collab_draining"] = "gauge",
        ["collab_publish_refusals_total"] = "counter",
        ["collab_feed_heals_total"] = "counter",
        ["collab_state_failures_total"] = "counter",
        ["collab_outbox_depth"] = "gauge",
        ["collab_outbox_oldest_age_seconds"] = "gauge",
        ["collab_outbox_set_aside"] = "gauge",
        ["collab_outbox_published_total"] = "counter",
        ["collab_outbox_failed_total"] = "counter",
    };

    /// <summary>They appear with the first figure.</summary>
    private static readonly string[] Histograms = [.. Expected.Where(e => e.Value == "histogram").Select(e => e.Key)];

    [Fact]
    public async Task Every_metric_has_its_name_type_and_help_and_none_has_a_label_that_could_hold_an_id()
    {
        await using var server = await ServerProcess.StartAsync();
        using var api = new ApiClient(server.BaseAddress, TestTokens.Create("alice"));

        var atOnce = await api.MetricsAsync();
        await using var client = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create("alice"));
        await client.PingAsync(12);
        await client.GraftAsync(Guid.NewGuid());
        var read = atOnce;
        // The exporter answers from what it read last for a moment.
        await Eventually.TrueAsync(async () => Histograms.All((read = await api.MetricsAsync()).Types.ContainsKey));

        Assert.Equal(Expected.Keys.Except(Histograms, StringComparer.Ordinal).Order(StringComparer.Ordinal), Ours(atOnce).Select(t => t.Key));
        Assert.Equal(Expected.OrderBy(e => e.Key, StringComparer.Ordinal), Ours(read));
        Assert.All(Expected.Keys, name => Assert.NotEmpty(read.Help[name]));
        Assert.Equal(["code", "le", "reason", "status"], read.LabelsOf("orchestrator_").Concat(read.LabelsOf("collab_")).Distinct().Order(StringComparer.Ordinal));
        AssertSeries(read, "collab_publish_refusals_total", "code", Enum.GetValues<CollabErrorCode>().Select(c => c.ToWire()));
        AssertSeries(read, "collab_disconnects_total", "reason", Enum.GetValues<EndingCode>().Select(c => c.ToWire()));
        AssertSeries(read, "collab_append_failures_total", "reason", ["unavailable", "rejected", "overloaded"]);
        AssertSeries(read, "orchestrator_websocket_connections_by_health", "status", ["healthy", "degraded", "unhealthy"]);
    }

    private static IOrderedEnumerable<KeyValuePair<string, string>> Ours(Exposition read) => read.Types
        .Where(t => t.Key.StartsWith("orchestrator_", StringComparison.Ordinal) || t.Key.StartsWith("collab_", StringComparison.Ordinal))
        .OrderBy(t => t.Key, StringComparer.Ordinal);

    private static void AssertSeries(Exposition read, string family, string label, IEnumerable<string> values) =>
        Assert.All(values, value => Assert.Contains($$"""{{family}}{{{label}}="{{value}}"}""", read.Samples.Keys));
}
