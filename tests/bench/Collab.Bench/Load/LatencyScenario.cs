using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>How long an event takes from one browser to another.</summary>
internal static class LatencyScenario
{
    /// <summary>So much faster do the publishers go while the servers warm up: at the modest rate a runtime would still be compiling when it is measured.</summary>
    private const int WarmUpFactor = 2;

    /// <summary>A hundredth of what comes in this time is enough to look at.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    /// <summary>Many small runs and a steady, modest rate: how long an event takes from one browser to another.</summary>
    public static async Task<Figures> LatencyAsync(Target target, int runs = 200, int followersPerRun = 5, int perSecond = 200)
    {
        var ids = Enumerable.Range(0, runs).Select(_ => Guid.NewGuid()).ToArray();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(
            target, [.. ids.SelectMany(id => Enumerable.Repeat(id, followersPerRun))], latencies, followersWithLatency: int.MaxValue, bufferSize: 2048);
        var publishers = await crowd.PublishAsync(ids, window: 0);
        await PublishAsync(publishers, perSecond * WarmUpFactor, WarmUp);
        await PublishAsync(publishers, perSecond, Settle);
        latencies.Clear();
        var meter = Meter.Start(target);
        await PublishAsync(publishers, perSecond, Watched);
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
    /// <summary>One publisher after the other, at a steady rate.</summary>
    private static async Task PublishAsync(IReadOnlyList<Publisher> publishers, int perSecond, TimeSpan duration)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        for (var i = 0; i < perSecond * duration.TotalSeconds; i++)
        {
            await timer.WaitForNextTickAsync();
            publishers[i % publishers.Count].Send(1);
        }
    }
}
