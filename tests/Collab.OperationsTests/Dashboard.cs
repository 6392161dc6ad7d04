using System.Text.Json;
using System.Text.RegularExpressions;

namespace Collab.OperationsTests;

/// <summary>The dashboard, as Grafana reads it.</summary>
internal sealed partial class Dashboard
{
    private Dashboard(JsonElement json)
    {
        Json = json;
        Panels = [.. json.GetProperty("panels").EnumerateArray().SelectMany(WithInner).Select(p => new Panel(p))];
        Variables = [.. json.GetProperty("templating").GetProperty("list").EnumerateArray()];
    }

    public JsonElement Json { get; }

    /// <summary>All panels, rows among them.</summary>
    public IReadOnlyList<Panel> Panels { get; }

    public IReadOnlyList<JsonElement> Variables { get; }

    /// <summary>The panels that show something.</summary>
    public IEnumerable<Panel> Charts => Panels.Where(p => p.Type != "row");

    public static Dashboard Read() => new(JsonElement.Parse(OperationsFiles.Read("infra/grafana/collab-websocket-dashboard.json")));

    /// <summary>An expression as Grafana sends it, for all servers and an interval in which all of a test has its place.</summary>
    public static string Substitute(string expression)
    {
        var text = expression.Replace("$job", "collab", StringComparison.Ordinal)
            .Replace("$instance", ".*", StringComparison.Ordinal)
            .Replace("$__rate_interval", "15m", StringComparison.Ordinal)
            .Replace("$__interval", "15m", StringComparison.Ordinal);
        return text.Contains('$', StringComparison.Ordinal) ? throw new InvalidOperationException($"A variable that nobody sets: {text}") : text;
    }

    private static IEnumerable<JsonElement> WithInner(JsonElement panel) =>
        panel.TryGetProperty("panels", out var inner) ? inner.EnumerateArray().Prepend(panel) : [panel];

    /// <summary>A panel.</summary>
    internal sealed class Panel(JsonElement json)
    {
        public JsonElement Json { get; } = json;

        public int Id => Json.GetProperty("id").GetInt32();

        public string Type => Json.Text("type")!;

        public string Title => Json.Text("title")!;

        /// <summary>What it asks for: expression, and the labels that its legend names.</summary>
        public IEnumerable<(string Expression, string[] Labels)> Queries =>
            Json.TryGetProperty("targets", out var targets)
                ? targets.EnumerateArray().Select(t => (t.Text("expr")!, LegendLabel().Matches(t.Text("legendFormat")!).Select(m => m.Groups["label"].Value).ToArray()))
                : [];
    }

    [GeneratedRegex(@"\{\{(?<label>\w+)\}\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LegendLabel();
}
