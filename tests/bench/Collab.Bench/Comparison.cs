using System.Globalization;
using Collab.Bench.Load;

namespace Collab.Bench;

/// <summary>Runs scenarios against ours and the peers by turns.</summary>
internal static class Comparison
{
    public static async Task OneAsync(string server, string scenario)
    {
        await using var servers = new Servers();
        var target = await servers.StartAsync(server);
        Print(server, scenario, await RunAsync(target, scenario));
    }

    private static Task<Figures> RunAsync(Target target, string scenario) => scenario switch
    {
        "fanout" => Scenarios.FanOutAsync(target),
        "stalled" => Scenarios.FanOutAsync(target, pauseOne: true),
        "publish" => Scenarios.PublishAsync(target),
        "latency" => Scenarios.LatencyAsync(target),
        "join" => Scenarios.JoinAsync(target),
        "idle" => Scenarios.IdleAsync(target),
        _ => throw new ArgumentException($"There is no scenario '{scenario}'.", nameof(scenario)),
    };

    private static void Print(string server, string scenario, Figures figures) => Console.WriteLine(
        $"{scenario} {server}: " + string.Join(", ", figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:0.###}"))));
}
