using System.Globalization;
using Collab.Bench.Load;

namespace Collab.Bench;

/// <summary>Runs scenarios against ours and the peers by turns, so that what the machine does meanwhile hits all of them.</summary>
internal static class Comparison
{
    /// <summary>What is compared, and with whom.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("fanout", "1 run × 100 followers, 4 publishers, window 32", ["collab", "signalr", "socketio", "signalr-ef"], (t, _) => FanOutScenarios.FanOutAsync(t)),
        new("stalled", "the same, one follower stops reading", ["collab"], (t, _) => FanOutScenarios.StalledAsync(t)),
        new("publish", "64 runs, a publisher each, window 16, nobody follows", ["collab", "signalr", "socketio", "signalr-ef"], (t, _) => PublishScenarios.PublishAsync(t)),
        new("publish-10000", "10,000 runs, 64 publishers that go from run to run, window 16", ["collab"], (t, _) => PublishScenarios.PublishAsync(t, runs: 64, spread: 10_000)),
        new("latency", "200 runs × 5 followers, 200 publishes/s", ["collab", "signalr", "socketio", "signalr-ef"], (t, _) => LatencyScenario.LatencyAsync(t)),
        new("join", "8 clients that join a run of 1,000 events", ["collab", "socketio", "signalr-ef"], (t, _) => ReadScenarios.JoinAsync(t)),
        new("growth", "1 run that grows to 1,100,000 events, 16 publishers, window 16", ["collab"], (t, _) => PublishScenarios.GrowthAsync(t)),
        new("poll", "32 clients that poll a run in which nothing happens; the peer: a constant minimal-API answer, no token", ["collab", "signalr"], (t, _) => ReadScenarios.PollAsync(t)),
        new("idle", "5,000 idle joined connections", ["collab", "signalr", "socketio"], (t, _) => IdleScenario.IdleAsync(t)),
        new("idle-10000", "10,000 idle joined connections", ["collab"], (t, _) => IdleScenario.IdleAsync(t, connections: 10_000)),
        new("monitoring", "the hot paths with and without counting, metrics and their endpoint, by turns of three seconds", ["collab"], MonitoringScenario.CompareAsync),
    ];

    public static async Task OneAsync(string server, string scenario)
    {
        var chosen = All.FirstOrDefault(s => s.Name == scenario) ?? throw new ArgumentException($"There is no scenario '{scenario}'.", nameof(scenario));
        Print(server, scenario, await MeasureAsync(server, chosen));
    }

    /// <summary>Several rounds of the chosen scenarios; a server is started anew for every measurement.</summary>
    /// <param name="names">The scenarios; none: all.</param>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="measured">Told all that there is after each scenario, so that a run that is broken off leaves what it had.</param>
    public static async Task RunAsync(IReadOnlyList<string> names, int rounds, Func<IReadOnlyList<Measurement>, Task> measured)
    {
        var measurements = new List<Measurement>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var scenario in All.Where(s => names.Count == 0 || names.Contains(s.Name, StringComparer.Ordinal)))
            {
                foreach (var server in scenario.Servers)
                {
                    var figures = await MeasureAsync(server, scenario);
                    Print(server, scenario.Name, figures);
                    measurements.Add(new(scenario, server, figures));
                }
                await measured(measurements);
            }
        }
    }

    private static async Task<Figures> MeasureAsync(string server, Scenario scenario)
    {
        await using var servers = new Servers();
        return await scenario.Measure(await servers.StartAsync(server), servers);
    }

    private static void Print(string server, string scenario, Figures figures) => Console.WriteLine(
        $"{scenario} {server}: " + string.Join(", ", figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:0.###}"))));
}

/// <summary>One thing that is measured, and the servers that can do it.</summary>
internal sealed record Scenario(string Name, string Description, IReadOnlyList<string> Servers, Func<Target, Servers, Task<Figures>> Measure);

/// <summary>What one server showed in one round.</summary>
internal sealed record Measurement(Scenario Scenario, string Server, Figures Figures);
