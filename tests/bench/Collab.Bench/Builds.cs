using System.Globalization;
using Collab.Bench.Load;

namespace Collab.Bench;

/// <summary>Two builds of the server, each in a folder of its own, by turns in one run: what a change costs or gains.</summary>
internal static class Builds
{
    private static readonly string[] Scenarios = ["fanout", "publish", "latency", "join"];

    /// <param name="before">The folder of the one, with its <c>Collab.Server.dll</c>.</param>
    /// <param name="after">The folder of the other.</param>
    /// <param name="rounds">How often; both servers are started anew for each scenario of each round.</param>
    /// <param name="only">The scenarios; none: all that tell of both.</param>
    public static async Task RunAsync(string before, string after, int rounds, IReadOnlyCollection<string> only)
    {
        var names = only.Count > 0 ? only : Scenarios;
        string[] servers = [Servers.Build(before), Servers.Build(after)];
        Timing.WarmUp = Timing.UntilCompiled;
        var pairs = new List<(string Scenario, Figures Before, Figures After)>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var scenario in Comparison.All.Where(s => names.Contains(s.Name, StringComparer.Ordinal)))
            {
                // Who is started first has the other's start beside it while it warms up: each is, every other round.
                var order = round % 2 == 0 ? servers : [servers[1], servers[0]];
                var figures = new List<Figures>();
                await foreach (var measurement in scenario.MeasureAsync(order))
                {
                    Comparison.Print(measurement);
                    figures.Add(measurement.Figures);
                }
                pairs.Add(round % 2 == 0 ? (scenario.Name, figures[0], figures[1]) : (scenario.Name, figures[1], figures[0]));
            }
        }
        Print(pairs);
    }

    /// <summary>Medians of both; the median of the rounds' ratios, with the least and the most.</summary>
    private static void Print(IEnumerable<(string Scenario, Figures Before, Figures After)> pairs)
    {
        Console.WriteLine();
        Console.WriteLine("| scenario | figure | before | after | after / before | least–most |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|");
        foreach (var scenario in pairs.GroupBy(p => p.Scenario, StringComparer.Ordinal))
        {
            foreach (var figure in scenario.First().Before.Keys)
            {
                var (before, after) = (Median.Of(scenario.Select(p => p.Before[figure])), Median.Of(scenario.Select(p => p.After[figure])));
                var ratios = scenario.Where(p => p.Before[figure] > 0).Select(p => p.After[figure] / p.Before[figure]).ToList();
                var (ratio, spread) = ratios.Count == 0 ? ("–", "–") : (Ratio(Median.Of(ratios)), $"{Ratio(ratios.Min())}–{Ratio(ratios.Max())}");
                Console.WriteLine($"| {scenario.Key} | {figure} | {Report.Number(before)} | {Report.Number(after)} | {ratio} | {spread} |");
            }
        }
    }

    private static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
