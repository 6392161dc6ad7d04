using System.Text;
using OpenTelemetry.Metrics;

namespace Collab.AspNetCore.Metrics.Prometheus;

/// <summary>A metric's name as Prometheus wants it: <c>http.server.request.duration</c> in <c>s</c> is <c>http_server_request_duration_seconds</c>.</summary>
/// <param name="Family">The name without the ending that only samples have.</param>
/// <param name="Unit">The unit at its end; null if there is none.</param>
/// <param name="Type">What follows <c># TYPE</c>.</param>
internal readonly record struct PrometheusName(string Family, string? Unit, string Type)
{
    private const string Total = "_total";

    /// <summary>The name of the samples, of a histogram what they begin with.</summary>
    public string Sample => Type == "counter" ? Family + Total : Family;

    public static PrometheusName Of(Metric metric)
    {
        var type = TypeOf(metric.MetricType);
        var name = Clean(metric.Name, allowColon: true);
        // Instruments are often named "….total" already; the unit goes before that ending.
        if (type == "counter" && name.EndsWith(Total, StringComparison.Ordinal)) name = name[..^Total.Length];
        var unit = UnitOf(metric.Unit, type);
        if (unit is not null && !name.EndsWith($"_{unit}", StringComparison.Ordinal)) name = $"{name}_{unit}";
        return new(name, unit, type);
    }

    /// <summary>A label's name.</summary>
    public static string Label(string key) => Clean(key, allowColon: false);

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        MetricType.ExponentialHistogram => "unknown",
        _ => "gauge",
    };

    /// <summary>Letters, digits and single underscores, and no digit first.</summary>
    private static string Clean(string name, bool allowColon)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (clean.Length == 0 && char.IsAsciiDigit(c)) clean.Append('_');
            if (char.IsAsciiLetterOrDigit(c) || (allowColon && c == ':')) clean.Append(c);
            else if (clean.Length == 0 || clean[^1] != '_') clean.Append('_');
        }
        return clean.ToString();
    }

    private static string? UnitOf(string? unit, string type)
    {
        // What is in braces says what is counted; that is no unit.
        if (string.IsNullOrEmpty(unit)) return null;
        if (unit == "1") return type == "gauge" ? "ratio" : null;
        var parts = unit.Split('/');
        if (parts.Length != 2) return unit[0] == '{' ? null : Clean(Word(unit), allowColon: false);
        var per = $"per_{(parts[1] switch { "s" => "second", "min" => "minute", "h" => "hour", "d" => "day", var other => other })}";
        return Clean(parts[0] is ['{', ..] or "1" ? per : $"{Word(parts[0])}_{per}", allowColon: false);
    }

    private static string Word(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "Hz" => "hertz",
        "Cel" => "celsius",
        "%" => "percent",
        _ => unit,
    };
}
