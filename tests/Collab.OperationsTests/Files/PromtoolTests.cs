using Collab.OperationsTests.Prometheus;
using Xunit;

namespace Collab.OperationsTests.Files;

/// <summary>Prometheus' own tool judges its configuration, the rules, and the rules' tests.</summary>
public sealed class PromtoolTests
{
    [Theory]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("check", "rules", "alerts.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    public async Task Promtool_is_content(params string[] arguments)
    {
        var (exitCode, output) = await PrometheusTools.PromtoolAsync(OperationsFiles.PathOf("infra/prometheus"), arguments);

        Assert.True(exitCode == 0 && output.Contains("SUCCESS", StringComparison.Ordinal), output);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not()
    {
        var cases = OperationsFiles.ReadYaml("infra/prometheus/alerts.test.yml").GetProperty("tests").EnumerateArray()
            .SelectMany(t => t.GetProperty("alert_rule_test").EnumerateArray()).ToArray();
        foreach (var alert in OperationsFiles.Alerts().Select(a => a.Text("alert")))
        {
            var ofAlert = cases.Where(c => c.Text("alertname") == alert).ToArray();
            Assert.True(ofAlert.Any(c => c.TryGetProperty("exp_alerts", out _)), $"{alert} never fires in a test");
            Assert.True(ofAlert.Any(c => !c.TryGetProperty("exp_alerts", out _)), $"{alert} fires in all tests");
        }
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_what_it_is_and_waits_before_it_fires()
    {
        Assert.All(OperationsFiles.Alerts(), alert =>
        {
            Assert.Contains(alert.GetProperty("labels").Text("severity"), new[] { "warning", "critical" });
            Assert.False(string.IsNullOrWhiteSpace(alert.GetProperty("annotations").Text("summary")));
            Assert.False(string.IsNullOrWhiteSpace(alert.GetProperty("annotations").Text("description")));
            Assert.Matches(@"^\d+m$", alert.Text("for"));
        });
    }
}
