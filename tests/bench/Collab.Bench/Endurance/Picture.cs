using System.Globalization;
using System.Text;

namespace Collab.Bench.Endurance;

/// <summary>What a server held over time, as an SVG: a panel for each measure, each from 0 to its highest.</summary>
internal static class Picture
{
    private const int Width = 800, Left = 16, PanelHeight = 64, PanelStep = 100, Top = 44;

    public static async Task WriteAsync(string path, IReadOnlyList<(TimeSpan At, Vitals Vitals)> taken, double perSecond)
    {
        var height = Top + (Soak.Measures.Count * PanelStep) + 16;
        var svg = new StringBuilder();
        var minutes = taken[^1].At.TotalMinutes;
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Add($"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>");
        Add($"<text x=\"{Left}\" y=\"22\" font-size=\"15\">{minutes:0} minutes at {perSecond:N0} publishes a second, clients and runs that come and go</text>");
        for (var n = 0; n < Soak.Measures.Count; n++)
        {
            var (name, of, _) = Soak.Measures[n];
            var values = taken.Select(t => of(t.Vitals)).ToArray();
            var (highest, top) = (Math.Max(1, values.Max()), Top + (n * PanelStep));
            Add($"<text x=\"{Left}\" y=\"{top + 12}\">{name}: {values.Min():0} to {values.Max():0}</text>");
            Add($"<rect x=\"{Left}\" y=\"{top + 18}\" width=\"{Width - (2 * Left)}\" height=\"{PanelHeight}\" fill=\"#f3f5f8\"/>");
            svg.Append("<polyline fill=\"none\" stroke=\"#1f5fbf\" stroke-width=\"1.5\" points=\"");
            foreach (var (value, at) in values.Zip(taken.Select(t => t.At.TotalMinutes)))
            {
                var (x, y) = (Left + ((Width - (2 * Left)) * at / minutes), top + 18 + (PanelHeight * (1 - (value / highest))));
                svg.Append(CultureInfo.InvariantCulture, $"{x:0.0},{y:0.0} ");
            }
            svg.AppendLine("\"/>");
        }
        svg.AppendLine("</svg>");
        await File.WriteAllTextAsync(path, svg.ToString());

        void Add(FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
