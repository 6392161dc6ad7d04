using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Collab.TestKit;

/// <summary>
/// What a Prometheus endpoint says, read strictly: a family is written once and in one piece, begins with its type, and has no sample twice.
/// </summary>
public sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    /// <summary>Each family's type, by the name in its <c># TYPE</c> line.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Each family's help.</summary>
    public Dictionary<string, string> Help { get; } = new(StringComparer.Ordinal);

    /// <summary>Each family's unit; only OpenMetrics says it.</summary>
    public Dictionary<string, string> Units { get; } = new(StringComparer.Ordinal);

    /// <summary>Every sample with its labels, as it is written: <c>name{label="value"}</c>.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>The names of all labels of the families whose names begin with this.</summary>
    public IEnumerable<string> LabelsOf(string prefix) =>
        _samples.Keys.Where(s => s.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(s => Label().Matches(s)).Select(m => m.Groups["name"].Value).Distinct();

    /// <summary>A sample's value.</summary>
    /// <param name="sample">Its name, with its labels if it has some.</param>
    public double this[string sample] =>
        _samples.TryGetValue(sample, out var value) ? value : throw new KeyNotFoundException($"There is no sample {sample} among:\n{string.Join('\n', _samples.Keys)}");

    /// <summary>Reads text format 0.0.4 or OpenMetrics.</summary>
    public static Exposition Parse(string text)
    {
        var read = new Exposition();
        var family = "";
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line == "# EOF") continue;
            if (Comment().Match(line) is { Success: true } comment)
            {
                family = comment.Groups["name"].Value;
                read.NoteComment(comment.Groups["kind"].Value, family, comment.Groups["text"].Value);
                continue;
            }
            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"Not a sample: {line}");
            Assert.True(BelongsTo(sample.Groups["name"].Value, family, read.Types.GetValueOrDefault(family)), $"Not of family {family}: {line}");
            var value = sample.Groups["value"].Value.Replace("Inf", "Infinity", StringComparison.Ordinal).TrimStart('+');
            // A series without labels may have braces or none.
            var series = sample.Groups["series"].Value;
            if (series.EndsWith("{}", StringComparison.Ordinal)) series = series[..^2];
            Assert.True(read._samples.TryAdd(series, double.Parse(value, CultureInfo.InvariantCulture)), $"Twice: {line}");
        }
        return read;
    }

    private void NoteComment(string kind, string family, string text)
    {
        var notes = kind switch { "TYPE" => Types, "HELP" => Help, _ => Units };
        Assert.True(notes.TryAdd(family, text), $"{kind} of {family} twice.");
        Assert.True(Types.ContainsKey(family), $"{kind} of {family} before its type.");
    }

    private static bool BelongsTo(string sample, string family, string? type)
    {
        if (!sample.StartsWith(family, StringComparison.Ordinal)) return false;
        return (type, sample[family.Length..]) is ("counter", "" or "_total" or "_created") or ("gauge", "") or ("info", "_info") or ("histogram", "_bucket" or "_sum" or "_count" or "_created");
    }

    [GeneratedRegex("^# (?<kind>TYPE|HELP|UNIT) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>.*)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();

    [GeneratedRegex("""^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*",?)*\})?) (?<value>[^ ]+)$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sample();

    [GeneratedRegex("(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Label();
}
