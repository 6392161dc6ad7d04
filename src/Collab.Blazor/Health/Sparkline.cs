using System.Globalization;

namespace Collab.Blazor;

/// <summary>A line through values, as small as a word.</summary>
internal static class Sparkline
{
    /// <summary>The points of an SVG polyline, oldest value first, in a box of a width and height; the scale starts at 0.</summary>
    public static string Points(IReadOnlyList<double> values, int width, int height)
    {
        // One point makes no line: it is drawn as a level one.
        var points = values.Count == 1 ? [values[0], values[0]] : values;
        var top = points.Append(1).Max();
        var step = (double)width / Math.Max(1, points.Count - 1);
        return string.Join(' ', points.Select((value, i) => Text(i * step, height - (value / top * height))));
    }

    private static string Text(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(x, 1)},{Math.Round(y, 1)}");
}
