using System.Globalization;
using Collab.Histories.Checking;
using Collab.Histories.Recording;

namespace Collab.Histories;

/// <summary>Sums up histories.</summary>
internal sealed class Table
{
    private readonly List<Row> _rows = [];

    public int Violations => _rows.Sum(r => r.Violations);

    /// <summary>Adds a history.</summary>
    /// <returns>What it was, in one line.</returns>
    public string Add(History history, IReadOnlyList<Violation> violations)
    {
        var (setup, settled) = (history.Setup, history.Of<Settled>().FirstOrDefault());
        var struck = history.Of<Fault>().Where(f => f.Struck > 0).ToArray();
        var row = new Row(
            setup.Kind,
            struck,
            history.Of<Publish>().Count() + history.Of<Read>().Count(),
            history.Of<FinalLog>().Sum(log => log.Events.Count),
            history.Of<Seen>().Count(),
            violations.Count,
            settled is null ? 0 : Math.Max(0, history.Of<Seen>().Select(s => s.At).DefaultIfEmpty().Max() - settled.Over));
        _rows.Add(row);
        var faults = struck.Length == 0 ? "none" : string.Join(' ', struck.Select(NameOf));
        FormattableString[] parts =
        [
            $"seed {setup.Seed,-5} {setup.Kind,-10} store {setup.Store} bus {setup.Bus} servers {setup.Servers}: faults {faults}",
            $"{row.Operations} operations, {row.Events} events{Trimmed(history)}, {row.Shown} shown{Handled(history)}",
            $"last one shown {row.LateMs / 1000:0.0} s after the end{Took(history)}",
            $"{violations.Count} violations",
        ];
        return Join("; ", parts);
    }

    /// <summary>Prints the sums per kind, and the faults.</summary>
    public void Print()
    {
        Console.WriteLine();
        Console.WriteLine("| kind | histories | faults that struck | operations | events | shown to followers | last one shown after the end, median and worst | violations |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var kind in _rows.GroupBy(r => r.Kind).OrderBy(k => k.Key, StringComparer.Ordinal)) Print(kind.Key, [.. kind]);
        Print("all", _rows);
        Console.WriteLine();
        Console.WriteLine("| fault | struck | hit | acknowledged again after, median and worst | all have all after, median and worst |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        // What came after two at once came after both.
        foreach (var fault in _rows.SelectMany(r => r.Struck).GroupBy(f => f.With is null ? f.What : "two at once").OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var (acknowledged, complete) = (Times(fault, f => f.After?.Acknowledged), Times(fault, f => f.After?.Complete));
            FormattableString[] cells = [$"| {fault.Key}", $"{fault.Count()}", $"{fault.Sum(f => f.Struck)}", $"{Span(acknowledged)}", $"{Span(complete)} |"];
            Console.WriteLine(Join(" | ", cells));
        }

        static double[] Times(IEnumerable<Fault> faults, Func<Fault, double?> at) =>
            [.. faults.Select(f => at(f) - f.End).OfType<double>().Order()];
    }

    /// <summary>The median and the greatest of ordered times.</summary>
    private static string Span(double[] times) => times.Length == 0
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{times[times.Length / 2] / 1000:0.0} s, {times[^1] / 1000:0.0} s");

    private static void Print(string kind, IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0) return;
        var times = rows.Select(r => r.LateMs).Order().ToArray();
        FormattableString[] cells =
        [
            $"| {kind}",
            $"{rows.Count}",
            $"{rows.Sum(r => r.Struck.Length)}",
            $"{rows.Sum(r => r.Operations)}",
            $"{rows.Sum(r => r.Events)}",
            $"{rows.Sum(r => r.Shown)}",
            $"{Span(times)}",
            $"{rows.Sum(r => r.Violations)} |",
        ];
        Console.WriteLine(Join(" | ", cells));
    }

    private static string Join(string between, FormattableString[] parts) =>
        string.Join(between, parts.Select(part => part.ToString(CultureInfo.InvariantCulture)));

    private static string Took(History history) => history.Of<Timing>().FirstOrDefault() is not { } took ? "" : string.Create(
        CultureInfo.InvariantCulture, $", after {took.Started / 1000:0.0} + {took.Acted / 1000:0.0} + {took.Together / 1000:0.0} s");

    private static string Handled(History history) => !history.Setup.HasHandlers ? "" : string.Create(
        CultureInfo.InvariantCulture, $", {history.Of<Transaction>().Count()} transactions, {history.Of<Handled>().Count()} handled");

    private static string Trimmed(History history) => history.Setup.Keep == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" ({history.Of<FinalLog>().Sum(l => l.Trimmed)} trimmed, {history.Of<Skipped>().Sum(s => s.To - s.From + 1)} told to be gone)");

    private static string NameOf(Fault fault) => string.Create(
        CultureInfo.InvariantCulture, $"{fault.What}{(fault.Server is { } server ? $"@{server}" : "")}{(fault.Struck > 1 ? $"×{fault.Struck}" : "")}{(fault.With is { } other ? $"(with {other})" : "")}");

    private sealed record Row(
        string Kind, Fault[] Struck, int Operations, int Events, int Shown, int Violations, double LateMs);
}
