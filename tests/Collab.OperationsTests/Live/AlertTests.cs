using System.Text.RegularExpressions;
using Collab.OperationsTests.Prometheus;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>The alerts are evaluated against a real server. What makes each of them fire is in <c>alerts.test.yml</c>.</summary>
[Collection(Observed.Name)]
public sealed partial class AlertTests(ObservedServer observed, ObservedApplication application)
{
    [Fact]
    public async Task Every_alert_is_evaluated_and_those_that_should_are_firing()
    {
        // The clients' round trips were long and one publish in nine was refused; everything else was in order.
        await Eventually.TrueAsync(async () => (await observed.Prometheus.FiringAsync()) is ["CollabLatencyHigh", "CollabMessageFailures"]);

        var alerts = await observed.Prometheus.AlertsAsync();
        Assert.Equal(OperationsFiles.Alerts().Select(a => a.Text("alert")).Order(StringComparer.Ordinal), alerts.Select(a => a.Text("name")).Order(StringComparer.Ordinal));
        Assert.All(alerts, alert =>
        {
            Assert.Equal("ok", alert.Text("health"));
            Assert.Null(alert.Text("lastError"));
        });
    }

    [Fact]
    public async Task Every_metric_that_an_alert_names_is_there()
    {
        string[] known = [.. await observed.Prometheus.MetricsAsync(), .. await application.Prometheus.MetricsAsync()];
        var named = OperationsFiles.Alerts().SelectMany(a => Metric().Matches(a.Text("expr")!)).Select(m => m.Value).ToHashSet();

        Assert.InRange(named.Count, 10, 100);
        Assert.Empty(named.Except(known));
    }

    [Fact]
    public async Task A_run_that_a_handler_has_given_up_is_reported()
    {
        await Eventually.TrueAsync(async () => (await application.Prometheus.FiringAsync()) is ["CollabHandlerParked"], Patience.Process);

        Assert.Equal(1, await application.Prometheus.ValueAsync("collab_handler_parked_runs{handler=\"recorder\"}"));
        Assert.Equal(0, await application.Prometheus.ValueAsync("collab_handler_events_total{handler=\"recorder\"}"));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_reported_until_it_is_back()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var prometheus = await PrometheusServer.StartAsync(server.BaseAddress);
        await Eventually.TrueAsync(async () => await prometheus.ValueAsync("up{job=\"collab\"}") == 1);

        await server.KillAsync();
        await Eventually.TrueAsync(async () => (await prometheus.FiringAsync()) is ["CollabTargetDown"]);

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await prometheus.FiringAsync()) is []);
    }

    [GeneratedRegex(@"\b(orchestrator_websocket|collab)_\w+|\bup\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Metric();
}
