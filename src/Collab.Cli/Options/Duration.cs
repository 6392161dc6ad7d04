using System.CommandLine.Parsing;
using System.Globalization;

namespace Collab.Cli.Options;

/// <summary>How long, as one types it: <c>500ms</c>, <c>30s</c> or just <c>30</c>, <c>5m</c>, <c>1h</c>.</summary>
internal static class Duration
{
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000)];
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>More than nothing, up to a day.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (unit, milliseconds) = Units.First(u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        var digits = text[..^unit.Length];
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number * milliseconds is not (>= 1 and var all) || all > Longest.TotalMilliseconds) return false;
        duration = TimeSpan.FromMilliseconds(all);
        return true;
    }

    /// <summary>As a parser of an option.</summary>
    public static TimeSpan Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!TryParse(text, out var duration)) result.AddError($"'{text}' is not a duration: 500ms, 30s, 5m, 1h, up to a day.");
        return duration;
    }

    /// <summary>The other way round.</summary>
    public static string Text(TimeSpan duration) => duration < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.#} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s");
}
