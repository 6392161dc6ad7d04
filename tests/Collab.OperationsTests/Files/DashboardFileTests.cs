using System.Text.Json;
using Xunit;

namespace Collab.OperationsTests.Files;

/// <summary>What Grafana would not complain about, but people would.</summary>
public sealed class DashboardFileTests
{
    private static readonly Dashboard Dashboard = Dashboard.Read();

    [Fact]
    public void Panels_have_numbers_and_places_of_their_own()
    {
        Assert.InRange(Dashboard.Charts.Count(), 20, 80);
        Assert.Equal(Dashboard.Panels.Count, Dashboard.Panels.Select(p => p.Id).Distinct().Count());

        var taken = new HashSet<(int X, int Y)>();
        foreach (var place in Dashboard.Panels.Select(p => p.Json.GetProperty("gridPos")))
        {
            var (x, y, w, h) = (Of("x"), Of("y"), Of("w"), Of("h"));
            Assert.InRange(x + w, 1, 24);
            Assert.All(Enumerable.Range(x, w).SelectMany(column => Enumerable.Range(y, h).Select(line => (column, line))), cell => Assert.True(taken.Add(cell), $"Two panels at {cell}"));

            int Of(string name) => place.GetProperty(name).GetInt32();
        }
    }

    [Fact]
    public void Each_panel_says_what_it_shows_in_which_unit_and_where_to_read_on()
    {
        Assert.All(Dashboard.Charts, panel =>
        {
            Assert.False(string.IsNullOrWhiteSpace(panel.Json.Text("description")), panel.Title);
            var defaults = panel.Json.GetProperty("fieldConfig").GetProperty("defaults");
            Assert.False(string.IsNullOrWhiteSpace(defaults.Text("unit")), panel.Title);
            Assert.NotEmpty(defaults.GetProperty("thresholds").GetProperty("steps").EnumerateArray());
            Assert.StartsWith("${docs}#", panel.Json.GetProperty("links")[0].Text("url"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Each_panel_and_query_asks_the_chosen_data_source_for_the_chosen_servers()
    {
        Assert.All(Dashboard.Charts, panel =>
        {
            Assert.Equal("${datasource}", panel.Json.GetProperty("datasource").Text("uid"));
            Assert.All(panel.Json.GetProperty("targets").EnumerateArray(), target =>
            {
                Assert.Equal("${datasource}", target.GetProperty("datasource").Text("uid"));
                var expression = target.Text("expr")!;
                // Alerts are shown whomever they are about.
                if (!expression.Contains("ALERTS", StringComparison.Ordinal)) Assert.Contains("{job=\"$job\", instance=~\"$instance\"", expression, StringComparison.Ordinal);
                Assert.DoesNotMatch(@"\[\d+[smh]\]", expression);
            });
            Assert.Equal(panel.Json.GetProperty("targets").EnumerateArray().Count(), panel.Json.GetProperty("targets").EnumerateArray().Select(t => t.Text("refId")).Distinct().Count());
        });
    }

    [Fact]
    public void There_are_variables_for_the_data_source_the_job_and_the_server()
    {
        Assert.Equal(["datasource", "job", "instance", "docs"], Dashboard.Variables.Select(v => v.Text("name")));
        Assert.Equal(JsonValueKind.Number, Dashboard.Json.GetProperty("schemaVersion").ValueKind);
        Assert.InRange(Dashboard.Json.GetProperty("schemaVersion").GetInt32(), 39, 42);
        Assert.False(string.IsNullOrEmpty(Dashboard.Json.Text("uid")));
    }

    [Theory]
    [InlineData("Active connections")]
    [InlineData("Connection rate")]
    [InlineData("Message throughput")]
    [InlineData("Delivery rate")]
    [InlineData("Message latency", "histogram_quantile(0.5,", "histogram_quantile(0.9,", "histogram_quantile(0.95,", "histogram_quantile(0.99,")]
    [InlineData("Reconnections")]
    [InlineData("HTTP fallback")]
    [InlineData("Message failures")]
    [InlineData("Connection quality")]
    [InlineData("Health distribution")]
    [InlineData("Append latency")]
    [InlineData("Batch size")]
    [InlineData("Queue depth and bound")]
    [InlineData("Slow clients cut off")]
    public void What_an_operator_asks_for_is_there(string title, params string[] parts)
    {
        var expressions = string.Join('\n', Dashboard.Charts.Where(p => p.Title == title).SelectMany(p => p.Queries).Select(q => q.Expression));
        Assert.NotEmpty(expressions);
        Assert.All(parts, part => Assert.Contains(part, expressions, StringComparison.Ordinal));
    }
}
