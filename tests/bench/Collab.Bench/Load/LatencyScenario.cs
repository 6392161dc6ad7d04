using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>How long an event takes from one browser to another.</summary>
internal static class LatencyScenario
{
    /// <summary>Many small runs and a steady, modest rate: how long an event takes from one browser to another.</summary>
    public static async Task<Figures> LatencyAsync(Target target, int runs = 200, int followersPerRun = 5, int perSecond = 200)
    {
        var ids = Enumerable.Range(0, runs).Select(_ => Guid.NewGuid()).ToArray();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(
            target, [.. ids.SelectMany(id => Enumerable.Repeat(id, followersPerRun))], latencies, followersWithLatency: int.MaxValue, bufferSize: 2048);
        var publishers = await crowd.PublishAsync(ids, window: 0);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1000.0 / perSecond));
        var meter = Meter.Start(target);
        for (var i = 0; i < perSecond * (WarmUp + Measured).TotalSeconds; i++)
        {
            if (i == perSecond * WarmUp.TotalSeconds)
            {
                latencies.Clear();
                meter = Meter.Start(target);
            }
            await timer.WaitForNextTickAsync();
            publishers[i % runs].Send(1);
        }
        var cost = meter.Stop();
        return new()
        {
            ["p50 ms"] = latencies.Quantile(0.5),
            ["p99 ms"] = latencies.Quantile(0.99),
            ["server CPU cores"] = cost.Server / cost.Seconds,
            ["inversions"] = crowd.Inversions,
            ["gaps"] = crowd.Gaps,
        };
    }
}
