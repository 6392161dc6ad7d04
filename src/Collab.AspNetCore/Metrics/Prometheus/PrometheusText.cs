using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Collab.AspNetCore.Metrics.Prometheus;

/// <summary>Writes metrics in Prometheus' text format 0.0.4, or in OpenMetrics 1.0.0, which differs in the names of families and in its end.</summary>
internal sealed class PrometheusText(bool openMetrics)
{
    private readonly StringBuilder _text = new(32 * 1024);

    public static byte[] Write(in Batch<Metric> metrics, Resource resource, bool openMetrics)
    {
        var families = new List<(PrometheusName Name, List<Metric> Metrics)>();
        foreach (var metric in metrics)
        {
            // Two meters may have instruments that come out the same; a family must be written in one piece.
            var name = PrometheusName.Of(metric);
            var known = families.Find(f => f.Name == name);
            if (known.Metrics is { } same) same.Add(metric);
            else if (!families.Exists(f => f.Name.Sample == name.Sample)) families.Add((name, [metric]));
        }

        var writer = new PrometheusText(openMetrics);
        writer.WriteTarget(resource);
        foreach (var (name, same) in families) writer.WriteFamily(name, same);
        if (openMetrics) writer._text.Append("# EOF\n");
        return Encoding.UTF8.GetBytes(writer._text.ToString());
    }

    /// <summary>What is measured: the service's name and version.</summary>
    private void WriteTarget(Resource resource)
    {
        WriteHead(openMetrics ? "target" : "target_info", openMetrics ? "info" : "gauge", unit: null, "What these metrics are of.");
        _text.Append("target_info");
        WriteLabels(resource.Attributes, le: null);
        _text.Append(" 1\n");
    }

    private void WriteFamily(PrometheusName name, List<Metric> metrics)
    {
        if (name.Type == "unknown") return;
        WriteHead(openMetrics ? name.Family : name.Sample, name.Type, name.Unit, metrics[0].Description);
        foreach (var metric in metrics)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                if (metric.MetricType == MetricType.Histogram) WriteHistogram(name.Family, point);
                else WriteSample(name.Sample, point.Tags, le: null, ValueOf(metric.MetricType, point));
            }
        }
    }

    private void WriteHead(string name, string type, string? unit, string? description)
    {
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        if (openMetrics && unit is not null) _text.Append("# UNIT ").Append(name).Append(' ').Append(unit).Append('\n');
        if (string.IsNullOrEmpty(description)) return;
        _text.Append("# HELP ").Append(name).Append(' ');
        WriteEscaped(description, quotes: openMetrics);
        _text.Append('\n');
    }

    private void WriteHistogram(string family, MetricPoint point)
    {
        var count = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            WriteSample($"{family}_bucket", point.Tags, Bound(bucket.ExplicitBound), Number(count));
        }
        WriteSample($"{family}_sum", point.Tags, le: null, Number(point.GetHistogramSum()));
        WriteSample($"{family}_count", point.Tags, le: null, Number(point.GetHistogramCount()));
    }

    private void WriteSample(string name, ReadOnlyTagCollection tags, string? le, string value)
    {
        _text.Append(name);
        var labels = new List<KeyValuePair<string, object?>>(tags.Count);
        foreach (var tag in tags) labels.Add(tag);
        WriteLabels(labels!, le);
        _text.Append(' ').Append(value).Append('\n');
    }

    private void WriteLabels(IEnumerable<KeyValuePair<string, object>> tags, string? le)
    {
        var separator = '{';
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            // A label may occur once; of two keys that come out the same the first stays.
            if (PrometheusName.Label(key) is var label && written.Add(label)) Write(label, Text(value));
        }
        if (le is not null) Write("le", le);
        if (separator == ',') _text.Append('}');

        void Write(string label, string value)
        {
            _text.Append(separator).Append(label).Append("=\"");
            WriteEscaped(value, quotes: true);
            _text.Append('"');
            separator = ',';
        }
    }

    private void WriteEscaped(string text, bool quotes)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '\n' => _text.Append(@"\n"),
                '"' when quotes => _text.Append("\\\""),
                _ => _text.Append(c),
            };
        }
    }

    private static string ValueOf(MetricType type, MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => Number(point.GetSumLong()),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => Number(point.GetSumDouble()),
        MetricType.LongGauge => Number(point.GetGaugeLastValueLong()),
        _ => Number(point.GetGaugeLastValueDouble()),
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>A bucket's bound is a label and compared as text, so 1 is always <c>1.0</c>.</summary>
    private static string Bound(double value)
    {
        var text = Number(value);
        return text.AsSpan().ContainsAny(".EIN") ? text : $"{text}.0";
    }

    private static string Text(object? value) => value switch
    {
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
