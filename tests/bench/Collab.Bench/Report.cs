using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Collab.TestKit;

namespace Collab.Bench;

/// <summary>Writes <c>tests/bench/RESULTS.md</c>: medians, with the least and the most.</summary>
internal static class Report
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["collab"] = "**Collab** (PostgreSQL)",
        ["collab-unmonitored"] = "Collab, not monitored",
        ["signalr"] = "SignalR hub, no storage",
        ["socketio"] = "Socket.IO + PostgreSQL",
        ["signalr-ef"] = "SignalR + EF Core per event",
    };

    public static async Task WriteAsync(IReadOnlyList<Measurement> measurements, IEnumerable<string> command)
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmark results").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            Written by `dotnet run -c Release --project tests/bench/Collab.Bench -- {string.Join(' ', command)}`, {DateTime.UtcNow:yyyy-MM-dd},
            commit `{await CommitAsync()}`, {Environment.ProcessorCount} × {Processor()}, {RuntimeInformation.OSDescription.Split('#')[0].Trim()}, .NET {Environment.Version}.
            Medians; in brackets the least and the most, where there was more than one round. The generator runs on the same machine; its CPU is given where it matters.
            """);
        foreach (var scenario in measurements.GroupBy(m => m.Scenario))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {scenario.Key.Name}: {scenario.Key.Description}").AppendLine();
            var servers = scenario.GroupBy(m => m.Server).ToList();
            text.AppendLine("| | " + string.Join(" | ", servers.Select(s => Names[s.Key])) + " |");
            text.AppendLine("|---|" + string.Concat(servers.Select(_ => "---:|")));
            foreach (var figure in servers[0].First().Figures.Keys)
                text.AppendLine($"| {figure} | " + string.Join(" | ", servers.Select(s => Cell(s, figure))) + " |");
        }
        await File.WriteAllTextAsync(Path.Combine(Repository.Root, "tests/bench/RESULTS.md"), text.ToString());
    }

    private static string Cell(IEnumerable<Measurement> rounds, string figure)
    {
        var values = rounds.Select(m => m.Figures.GetValueOrDefault(figure, double.NaN)).Order().ToList();
        var median = Number(Median.Of(values));
        return values[0].Equals(values[^1]) ? median : $"{median} ({Number(values[0])}–{Number(values[^1])})";
    }

    public static string Number(double value) => value switch
    {
        double.NaN => "–",
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static string Processor() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "processor";

    private static async Task<string> CommitAsync()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = Repository.Root });
        return git is null ? "unknown" : (await git.StandardOutput.ReadToEndAsync()).Trim();
    }
}
