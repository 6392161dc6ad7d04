using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>Many small runs and a steady, modest rate: how long an event takes from one browser to another.</summary>
internal sealed class LatencyWorkload : Workload
{
    private const int Runs = 200;
    private const int FollowersPerRun = 5;
    private const int PerSecond = 200;

    /// <summary>So much faster do the publishers go while the servers warm up: at the modest rate a runtime would still be compiling when it is measured.</summary>
    private const int WarmUpFactor = 2;

    private readonly Crowd _crowd;
    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly Latencies _latencies;

    private LatencyWorkload(Target target, Crowd crowd, IReadOnlyList<Publisher> publishers, Latencies latencies) : base(target) =>
        (_crowd, _publishers, _latencies) = (crowd, publishers, latencies);

    public override Figures Figures => new()
    {
        ["p50 ms"] = _latencies.Quantile(0.5),
        ["p99 ms"] = _latencies.Quantile(0.99),
        ["server CPU cores"] = Cost.Server / Cost.Seconds,
        ["inversions"] = _crowd.Inversions,
        ["gaps"] = _crowd.Gaps,
    };

    public static async Task<Workload> PrepareAsync(Target target)
    {
        var ids = Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid()).ToArray();
        var latencies = new Latencies();
        var crowd = await Crowd.GatherAsync(
            target, [.. ids.SelectMany(id => Enumerable.Repeat(id, FollowersPerRun))], latencies, followersWithLatency: int.MaxValue, bufferSize: 2048);
        var publishers = await crowd.PublishAsync(ids, window: 0);
        await PublishAsync(publishers, PerSecond * WarmUpFactor, WarmUp);
        latencies.Clear();
        return new LatencyWorkload(target, crowd, publishers, latencies);
    }

    public override ValueTask DisposeAsync() => _crowd.DisposeAsync();

    protected override Task WorkAsync() => PublishAsync(_publishers, PerSecond, Turn);

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
