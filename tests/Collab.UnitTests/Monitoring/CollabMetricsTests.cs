using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Collab.UnitTests.Metrics;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>
/// The names that dashboards and alerts are built on, each there from the start. The meter is named alike in every test of the process, so only names and
/// labels are looked at here; that figures are right is for the integration tests.
/// </summary>
public sealed class CollabMetricsTests
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
        ["collab_publish_refusals_total"] = "counter",
        ["collab_feed_heals_total"] = "counter",
    };

    [Fact]
    public void Every_metric_has_its_name_type_and_help_and_none_has_a_label_that_could_hold_an_id()
    {
        using var scrape = new Scrape(CollabMetrics.MeterName);
        var metrics = Some.Metrics();
        _ = new ConnectionMonitor(new(metrics), metrics, new ManualTime());
        metrics.ObserveQueue(() => 3, 10);
        metrics.RoundTrip(12);
        metrics.Appended(5, TimeSpan.FromMilliseconds(2));

        var read = scrape.Read();

        read.Types.Remove("target_info");
        Assert.Equal(Expected.OrderBy(e => e.Key, StringComparer.Ordinal), read.Types.OrderBy(t => t.Key, StringComparer.Ordinal));
        Assert.All(Expected.Keys, name => Assert.NotEmpty(read.Help[name]));
        Assert.Equal(["code", "le", "reason", "status"], read.LabelsOf("orchestrator_").Concat(read.LabelsOf("collab_")).Distinct().Order(StringComparer.Ordinal));
        Assert.All(Enum.GetValues<CollabErrorCode>(), code => Assert.Contains($$"""collab_publish_refusals_total{code="{{code.ToWire()}}"}""", read.Samples.Keys));
        Assert.All(Enum.GetValues<EndingCode>(), code => Assert.Contains($$"""collab_disconnects_total{reason="{{code.ToWire()}}"}""", read.Samples.Keys));
        Assert.All((string[])["unavailable", "rejected", "overloaded"], reason => Assert.Contains($$"""collab_append_failures_total{reason="{{reason}}"}""", read.Samples.Keys));
        Assert.All((string[])["healthy", "degraded", "unhealthy"], status => Assert.Contains($$"""orchestrator_websocket_connections_by_health{status="{{status}}"}""", read.Samples.Keys));
    }
}
