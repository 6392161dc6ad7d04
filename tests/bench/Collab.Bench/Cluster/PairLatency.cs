using Collab.Bench.Load;
using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Cluster;

/// <summary>200 publishes a second to the one server: how long an event takes to its followers and to the other's.</summary>
internal sealed class PairLatency : PairWorkload
{
    private const int PerSecond = 200;

    /// <summary>So much faster while they warm up: at the modest rate a runtime would still be compiling when it is measured.</summary>
    private const int WarmUpFactor = 5;

    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly Latencies _beside;
    private readonly Latencies _other;

    private PairLatency(Pair pair, Crowd atOne, Crowd atTwo, IReadOnlyList<Publisher> publishers, Latencies beside, Latencies other)
        : base(pair, atOne, atTwo) => (_publishers, _beside, _other) = (publishers, beside, other);

    public override Figures Figures => new()
    {
        ["beside the publisher p50 ms"] = _beside.Quantile(0.5),
        ["beside the publisher p99 ms"] = _beside.Quantile(0.99),
        ["on the other server p50 ms"] = _other.Quantile(0.5),
        ["on the other server p99 ms"] = _other.Quantile(0.99),
        ["CPU cores, all"] = Cost.All / Cost.Seconds,
        ["inversions"] = Inversions,
        ["gaps"] = Gaps,
    };

    /// <summary>A run with so many followers on each server.</summary>
    public static Task<PairLatency> OneRunAsync(Pair pair, int followers) => PrepareAsync(pair, runs: 1, followers, followers);

    /// <summary>So many runs, each with 3 followers on the one server and 2 on the other.</summary>
    public static Task<PairLatency> ManyRunsAsync(Pair pair, int runs) => PrepareAsync(pair, runs, beside: 3, elsewhere: 2);

    private static async Task<PairLatency> PrepareAsync(Pair pair, int runs, int beside, int elsewhere)
    {
        var ids = Enumerable.Range(0, runs).Select(_ => Guid.NewGuid()).ToArray();
        Latencies besideIt = new(), other = new();
        var one = await GatherAsync(pair.One, beside, besideIt);
        var two = await GatherAsync(pair.Two, elsewhere, other);
        var publishers = await one.PublishAsync(ids, window: 0);
        await PublishAsync(publishers, PerSecond * WarmUpFactor, UntilCompiled);
        await Task.Delay(TimeSpan.FromSeconds(2));
        besideIt.Clear();
        other.Clear();
        return new(pair, one, two, publishers, besideIt, other);

        Task<Crowd> GatherAsync(Target target, int each, Latencies latencies) => Crowd.GatherAsync(
            target, [.. ids.SelectMany(id => Enumerable.Repeat(id, each))], latencies, int.MaxValue, bufferSize: 2048);
    }

    protected override Task WorkAsync() => PublishAsync(_publishers, PerSecond, Turn);
}
