using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>One run, many followers, a few publishers with a window.</summary>
internal sealed class FanOutWorkload : Workload
{
    private readonly Target _target;
    private readonly Crowd _crowd;
    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly Latencies _latencies;
    private readonly long _before;

    private FanOutWorkload(Target target, Crowd crowd, IReadOnlyList<Publisher> publishers, Latencies latencies) : base(target) =>
        (_target, _crowd, _publishers, _latencies, _before) = (target, crowd, publishers, latencies, crowd.Received);

    public override Figures Figures => new()
    {
        ["deliveries/s"] = Delivered / Cost.Seconds,
        ["server CPU s per 100k deliveries"] = Cost.Server / Delivered * 100_000,
        ["database CPU s per 100k deliveries"] = Cost.Database / Delivered * 100_000,
        ["generator CPU cores"] = Cost.Generator / Cost.Seconds,
        ["events per message"] = _crowd.Received / (double)Math.Max(1, _crowd.Followers.Sum(f => f.Messages)),
        ["p50 ms"] = _latencies.Quantile(0.5),
        ["p99 ms"] = _latencies.Quantile(0.99),
        ["server MB"] = ProcessUse.ResidentKib(_target.ServerId) / 1024,
        ["inversions"] = _crowd.Inversions,
        ["gaps"] = _crowd.Gaps,
    };

    private long Delivered => _crowd.Received - _before;

    public static async Task<Workload> PrepareAsync(Target target)
    {
        var (crowd, publishers, latencies) = await StartAsync(target);
        await Publisher.PauseAsync(publishers);
        latencies.Clear();
        return new FanOutWorkload(target, crowd, publishers, latencies);
    }

    /// <summary>Lets them work until they are warm, and goes on.</summary>
    public static async Task<(Crowd Crowd, IReadOnlyList<Publisher> Publishers, Latencies Latencies)> StartAsync(
        Target target, int followers = 100, int publishers = 4, int window = 32)
    {
        var run = Guid.NewGuid();
        var latencies = new Latencies();
        var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Repeat(run, followers)], latencies, followersWithLatency: 5);
        var started = await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        await Task.Delay(WarmUp);
        return (crowd, started, latencies);
    }

    public override ValueTask DisposeAsync() => _crowd.DisposeAsync();

    protected override Task WorkAsync() => Publisher.WorkAsync(_publishers, Turn);
}
