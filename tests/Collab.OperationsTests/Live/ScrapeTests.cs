using Collab.OperationsTests.Prometheus;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>What the server says of itself, as Prometheus reads it.</summary>
[Collection(Observed.Name)]
public sealed class ScrapeTests(ObservedServer observed)
{
    /// <summary>The one name that the linter would have otherwise: its unit is promised to be what clients measure in.</summary>
    private const string OnPurpose = "orchestrator_websocket_message_latency_milliseconds use base unit \"seconds\" instead of \"milliseconds\"";

    [Fact]
    public async Task Promtool_objects_to_no_name_but_the_one_that_is_so_on_purpose()
    {
        using var api = new ApiClient(observed.Server.BaseAddress, token: null);
        var (_, output) = await PrometheusTools.LintAsync((await api.GetAsync("metrics")).Body);

        Assert.Equal(OnPurpose, output.Trim());
    }

    /// <summary>Prometheus asks for OpenMetrics first, and reads that strictly.</summary>
    [Fact]
    public async Task Prometheus_reads_the_OpenMetrics_format_without_complaint()
    {
        using var http = new HttpClient { BaseAddress = observed.Server.BaseAddress };
        http.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        using var answer = await http.GetAsync(new Uri("metrics", UriKind.Relative));
        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType?.MediaType);

        var target = (await observed.Prometheus.GetAsync("targets?state=active")).GetProperty("activeTargets").EnumerateArray()
            .Single(t => t.Text("scrapePool") == "collab");
        Assert.Equal("up", target.Text("health"));
        Assert.Equal("", target.Text("lastError"));
        var metadata = await observed.Prometheus.GetAsync("metadata?metric=http_server_request_duration_seconds");
        Assert.Equal("seconds", metadata.GetProperty("http_server_request_duration_seconds")[0].Text("unit"));
    }
}
