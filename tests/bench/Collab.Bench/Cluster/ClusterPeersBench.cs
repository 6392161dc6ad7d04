using Collab.Bench.Load;

namespace Collab.Bench.Cluster;

/// <summary>Two servers each, by turns: Collab with Redis and with PostgreSQL as its bus, beside SignalR with its backplane.</summary>
internal static class ClusterPeersBench
{
    private const int Turns = 6;
    private static readonly string[] All = ["collab-redis", "collab-postgres", "signalr-redis"];

    private const string Outage = "outage";

    private static readonly (string Word, string Name, Func<Pair, Task<PairWorkload>> Prepare)[] Scenarios =
    [
        ("fanout", "1 run, 50 followers and 2 publishers (window 32) on each server", async pair => await PairThroughput.OneRunAsync(pair)),
        ("runs", "200 runs × 5 followers, a publisher each (window 4), on both servers", async pair => await PairThroughput.ManyRunsAsync(pair)),
        ("latency", "200 runs × 5 followers, 200 publishes/s to one server", async pair => await PairLatency.ManyRunsAsync(pair, runs: 200)),
        ("latency-one", "1 run, 50 followers on each server, 200 publishes/s to one", async pair => await PairLatency.OneRunAsync(pair, 50)),
    ];

    /// <param name="rounds">How often; servers are started anew for each scenario of each round.</param>
    /// <param name="only">Names of pairs and words of scenarios; none of a kind: all of it.</param>
    public static async Task RunAsync(int rounds, IReadOnlyCollection<string> only)
    {
        var pairs = only.Intersect(All).Any() ? [.. only.Intersect(All)] : All;
        var scenarios = only.Except(All).ToHashSet();
        foreach (var (word, name, prepare) in Scenarios)
        {
            if (scenarios.Count > 0 && !scenarios.Contains(word)) continue;
            var results = new List<(string Pair, Figures Figures)>();
            for (var round = 0; round < rounds; round++) results.AddRange(await MeasureAsync(pairs, prepare));
            Print(name, results);
        }
        if (scenarios.Count > 0 && !scenarios.Contains(Outage)) return;
        var outages = new List<(string Pair, Figures Figures)>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var name in pairs.Where(n => n.EndsWith("-redis", StringComparison.Ordinal)))
            {
                await using var servers = new Servers();
                outages.Add((name, await RedisOutage.MeasureAsync(await servers.StartPairAsync(name))));
            }
        }
        if (outages.Count > 0) Print("20 runs, a follower on each server, 200 publishes/s to one; Redis is killed for 5 s", outages);
    }

    private static async Task<IEnumerable<(string Pair, Figures Figures)>> MeasureAsync(
        IEnumerable<string> pairs, Func<Pair, Task<PairWorkload>> prepare)
    {
        await using var servers = new Servers();
        var workloads = new List<PairWorkload>();
        try
        {
            foreach (var name in pairs) workloads.Add(await prepare(await servers.StartPairAsync(name)));
            for (var turn = 0; turn < Turns; turn++)
            {
                // The second finds the machine as the first has left it.
                foreach (var workload in turn % 2 == 0 ? workloads : workloads.AsEnumerable().Reverse()) await workload.TakeTurnAsync();
            }
            // What is acknowledged is not delivered yet.
            await Task.Delay(TimeSpan.FromSeconds(3));
            return [.. workloads.Select(workload => (workload.Name, workload.Figures))];
        }
        finally
        {
            foreach (var workload in workloads) await workload.DisposeAsync();
        }
    }

    private static void Print(string scenario, IReadOnlyList<(string Pair, Figures Figures)> results)
    {
        var pairs = results.Select(r => r.Pair).Distinct().ToList();
        Console.WriteLine($"\n{scenario}\n\n| | {string.Join(" | ", pairs)} |\n|---|{string.Concat(pairs.Select(_ => "---:|"))}");
        foreach (var figure in results[0].Figures.Keys)
        {
            var medians = pairs.Select(pair => Report.Number(Median.Of(results.Where(r => r.Pair == pair).Select(r => r.Figures[figure]))));
            Console.WriteLine($"| {figure} | {string.Join(" | ", medians)} |");
        }
    }
}
