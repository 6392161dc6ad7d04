using System.Globalization;
using Collab.OperationsTests.Prometheus;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>Every panel has something to show of a real server.</summary>
[Collection(Observed.Name)]
public sealed class DashboardTests(ObservedServer observed, ObservedApplication application)
{
    /// <summary>What this load cannot bring about: a panel's title, and why it stays empty. So far there is nothing.</summary>
    private static readonly Dictionary<string, string> Empty = [];

    public static TheoryData<string> Charts { get; } = new(Dashboard.Read().Charts.Select(NameOf));

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task Every_expression_of_a_panel_yields_numbers_with_the_labels_of_its_legend(string title)
    {
        var panel = Dashboard.Read().Charts.Single(p => NameOf(p) == title);
        Assert.NotEmpty(panel.Queries);
        foreach (var (expression, labels) in panel.Queries)
        {
            if (Empty.ContainsKey(title))
            {
                Assert.Empty(await observed.Prometheus.QueryAsync(Dashboard.Substitute(expression)));
                continue;
            }
            // A server by itself has no handlers, and no bus.
            var section = panel.Json.GetProperty("links")[0].Text("url")!.Split('#')[1];
            var series = await NumbersAsync(section is "panels-handlers" or "panels-servers" ? application.Prometheus : observed.Prometheus, title, expression);
            foreach (var label in labels)
            {
                Assert.True(series.Any(s => s.Labels.ContainsKey(label)), $"{title}: the legend names {label}, which no series of {expression} has");
            }
        }
    }

    [Fact]
    public async Task Panels_show_what_the_clients_did()
    {
        // Two rounds: two clients each, of which one came back.
        Assert.Equal(4, await ShownAsync("Active connections"));
        Assert.Equal(2, await ShownAsync("Active runs"));
        Assert.Equal(1, await ShownAsync("Servers"));
        Assert.Equal(1, await ShownAsync("Delivery rate"));
        Assert.InRange(await ShownAsync("Latency p95"), 500, 750);
        Assert.InRange(await ShownAsync("Failures"), 0.001, 0.5);
        var health = await SeriesAsync("Health distribution");
        Assert.Equal(["degraded", "healthy", "unhealthy"], health.Select(s => s.Labels["status"]).Order(StringComparer.Ordinal));
        Assert.Equal(4, health.Sum(s => s.Value));
        Assert.Equal(10_000, (await SeriesAsync("Queue depth and bound", target: 1)).Single().Value);
    }

    [Fact]
    public async Task Every_metric_of_Collabs_own_is_on_the_dashboard()
    {
        string[] all = [.. await observed.Prometheus.MetricsAsync(), .. await application.Prometheus.MetricsAsync()];
        var names = all.Distinct()
            .Where(n => n.StartsWith("orchestrator_", StringComparison.Ordinal) || n.StartsWith("collab_", StringComparison.Ordinal))
            // OpenMetrics says of each series when it began.
            .Where(n => !n.EndsWith("_created", StringComparison.Ordinal)).ToArray();
        var expressions = string.Join('\n', Dashboard.Read().Charts.SelectMany(p => p.Queries).Select(q => q.Expression));

        Assert.InRange(names.Length, 30, 200);
        // Of a histogram the buckets are enough.
        Assert.All(
            names.Where(n => !n.EndsWith("_sum", StringComparison.Ordinal) && !n.EndsWith("_count", StringComparison.Ordinal)),
            name => Assert.Contains(name, expressions, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_variables_find_the_server()
    {
        foreach (var (name, value) in new[] { ("job", "collab"), ("instance", observed.Server.BaseAddress.Authority) })
        {
            var query = Dashboard.Read().Variables.Single(v => v.Text("name") == name).GetProperty("query").Text("query")!;
            // label_values(SELECTOR, LABEL) is Grafana's way to write this request.
            var comma = query.LastIndexOf(',');
            var selector = Dashboard.Substitute(query["label_values(".Length..comma]);
            Assert.Equal(name, query[(comma + 1)..^1].Trim());
            var values = await observed.Prometheus.GetAsync(string.Create(CultureInfo.InvariantCulture, $"label/{name}/values?match[]={Uri.EscapeDataString(selector)}"));
            Assert.Equal([value], values.EnumerateArray().Select(v => v.GetString()));
        }
    }

    /// <summary>Some titles occur twice: as a figure, and over time.</summary>
    private static string NameOf(Dashboard.Panel panel) => $"{panel.Title} ({panel.Type})";

    private async Task<double> ShownAsync(string stat) => (await SeriesAsync(stat)).Single().Value;

    private Task<Series[]> SeriesAsync(string title, int target = 0) =>
        NumbersAsync(observed.Prometheus, title, Dashboard.Read().Charts.First(p => p.Title == title).Queries.ElementAt(target).Expression);

    /// <summary>Evaluates an expression until it yields a number: a scrape may fail on a busy machine, and then everything is gone until the next.</summary>
    private static async Task<Series[]> NumbersAsync(PrometheusServer prometheus, string title, string expression)
    {
        Series[] series = [];
        await Eventually.TrueAsync(
            async () =>
            {
                series = await prometheus.QueryAsync(Dashboard.Substitute(expression));
                return series.Any(s => double.IsFinite(s.Value));
            },
            what: $"a number for {title}: {Dashboard.Substitute(expression)}");
        return series;
    }
}
