using Collab.Bench.Load;
using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Cluster;

/// <summary>Runs that are followed on both servers and published to on either, by publishers with a window.</summary>
internal sealed class PairThroughput : PairWorkload
{
    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly int _followersPerRun;
    private readonly long _received;
    private readonly long _acknowledged;

    private PairThroughput(Pair pair, Crowd atOne, Crowd atTwo, IReadOnlyList<Publisher> publishers, int followersPerRun)
        : base(pair, atOne, atTwo)
    {
        (_publishers, _followersPerRun) = (publishers, followersPerRun);
        (_received, _acknowledged) = (Received, Acknowledged);
    }

    public override Figures Figures => new()
    {
        ["deliveries/s"] = Delivered / Cost.Seconds,
        ["CPU s per 100k deliveries, all"] = Cost.All / Delivered * 100_000,
        ["of them servers"] = Cost.Servers / Delivered * 100_000,
        ["of them Redis"] = Cost.Redis / Delivered * 100_000,
        ["of them database"] = Cost.Database / Delivered * 100_000,
        ["generator CPU cores"] = Cost.Generator / Cost.Seconds,
        ["acknowledged and not delivered"] = Math.Max(0, ((Acknowledged - _acknowledged) * _followersPerRun) - Delivered),
        ["followers cut off"] = CutOff,
        ["inversions"] = Inversions,
        ["gaps"] = Gaps,
    };

    private long Delivered => Received - _received;

    /// <summary>1 run, 50 followers and 2 publishers on each server.</summary>
    public static Task<PairThroughput> OneRunAsync(Pair pair) =>
        PrepareAsync(pair, runs: 1, atOne: 50, atTwo: 50, publishersPerRun: 4, window: 32);

    /// <summary>200 runs, each with 3 followers on the one server, 2 on the other, and a publisher on either.</summary>
    public static Task<PairThroughput> ManyRunsAsync(Pair pair) =>
        PrepareAsync(pair, runs: 200, atOne: 3, atTwo: 2, publishersPerRun: 1, window: 4);

    protected override Task WorkAsync() => Publisher.WorkAsync(_publishers, Turn);

    private static async Task<PairThroughput> PrepareAsync(Pair pair, int runs, int atOne, int atTwo, int publishersPerRun, int window)
    {
        var ids = Enumerable.Range(0, runs).Select(_ => Guid.NewGuid()).ToArray();
        var one = await Crowd.GatherAsync(pair.One, [.. ids.SelectMany(id => Enumerable.Repeat(id, atOne))]);
        var two = await Crowd.GatherAsync(pair.Two, [.. ids.SelectMany(id => Enumerable.Repeat(id, atTwo))]);
        var publishing = ids.SelectMany(id => Enumerable.Repeat(id, publishersPerRun)).Index().ToLookup(p => p.Index % 2, p => p.Item);
        IReadOnlyList<Publisher> publishers =
        [
            .. await one.PublishAsync([.. publishing[0]], window),
            .. await two.PublishAsync([.. publishing[1]], window),
        ];
        await Task.Delay(WarmUp);
        await Publisher.PauseAsync(publishers);
        // What is acknowledged is not delivered yet.
        await Task.Delay(TimeSpan.FromSeconds(2));
        return new(pair, one, two, publishers, atOne + atTwo);
    }
}
