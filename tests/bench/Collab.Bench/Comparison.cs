using System.Globalization;
using Collab.Bench.Load;

namespace Collab.Bench;

/// <summary>Runs scenarios against ours and the peers.</summary>
internal static class Comparison
{
    private static readonly string[] Everybody = ["collab", "signalr", "socketio", "signalr-ef"];

    /// <summary>What is compared, and with whom.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new ByTurns("fanout", "1 run × 100 followers, 4 publishers, window 32", Everybody, FanOutWorkload.PrepareAsync),
        new OneByOne("stalled", "the same, one follower stops reading", ["collab"], StalledScenario.MeasureAsync),
        new ByTurns("publish", "64 runs, a publisher each, window 16, nobody follows", Everybody, t => PublishWorkload.PrepareAsync(t)),
        new ByTurns("publish-10000", "the same, and 10,000 runs, from one to the other of which 64 publishers go", ["collab"], ManyRunsWorkload.PrepareAsync),
        new ByTurns("latency", "200 runs × 5 followers, 200 publishes/s", Everybody, LatencyWorkload.PrepareAsync),
        new ByTurns("join", "8 clients that join a run of 1,000 events", ["collab", "socketio", "signalr-ef"], JoinWorkload.PrepareAsync),
        new OneByOne("growth", "1 run that grows to 1,100,000 events, 16 publishers, window 16", ["collab"], t => GrowthScenario.MeasureAsync(t)),
        new OneByOne("poll", "32 clients that poll a run in which nothing happens; the peer: a constant minimal-API answer, no token", ["collab", "signalr"], t => PollScenario.PollAsync(t)),
        new OneByOne("idle", "5,000 idle joined connections", ["collab", "signalr", "socketio"], t => IdleScenario.IdleAsync(t)),
        new OneByOne("idle-10000", "10,000 idle joined connections", ["collab"], t => IdleScenario.IdleAsync(t, connections: 10_000)),
        new ByTurns("monitoring-publish", "publish, with and without counting, metrics and their endpoint", ["collab", "collab-unmonitored"], t => PublishWorkload.PrepareAsync(t)),
        new ByTurns("monitoring-fanout", "fanout, with and without them", ["collab", "collab-unmonitored"], FanOutWorkload.PrepareAsync),
    ];

    public static async Task OneAsync(string server, string scenario)
    {
        var chosen = All.FirstOrDefault(s => s.Name == scenario) ?? throw new ArgumentException($"There is no scenario '{scenario}'.", nameof(scenario));
        await foreach (var measurement in chosen.MeasureAsync([server])) Print(measurement);
    }

    /// <summary>Several rounds of the chosen scenarios.</summary>
    /// <param name="names">The scenarios; none: all.</param>
    /// <param name="rounds">How often each is measured; servers are started anew for each round.</param>
    /// <param name="measured">Told all that there is after each scenario, so that a run that is broken off leaves what it had.</param>
    public static async Task RunAsync(IReadOnlyList<string> names, int rounds, Func<IReadOnlyList<Measurement>, Task> measured)
    {
        var measurements = new List<Measurement>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var scenario in All.Where(s => names.Count == 0 || names.Contains(s.Name, StringComparer.Ordinal)))
            {
                await foreach (var measurement in scenario.MeasureAsync(scenario.Servers))
                {
                    Print(measurement);
                    measurements.Add(measurement);
                }
                await measured(measurements);
            }
        }
    }

    public static void Print(Measurement measurement) => Console.WriteLine($"{measurement.Scenario.Name} {measurement.Server}: "
        + string.Join(", ", measurement.Figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:0.###}"))));
}

/// <summary>What one server showed in one round.</summary>
internal sealed record Measurement(Scenario Scenario, string Server, Figures Figures);
