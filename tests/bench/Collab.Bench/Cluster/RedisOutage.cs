using Collab.Bench.Load;

namespace Collab.Bench.Cluster;

/// <summary>200 publishes a second to the one server, while Redis is killed and comes back after five seconds.</summary>
internal static class RedisOutage
{
    private const int Runs = 20;
    private const int PerSecond = 200;

    /// <summary>Longer than any client of Redis takes to find it again, and any heal.</summary>
    private static readonly TimeSpan After = TimeSpan.FromSeconds(15);

    public static async Task<Figures> MeasureAsync(Pair pair)
    {
        var ids = Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid()).ToArray();
        await using var one = await Crowd.GatherAsync(pair.One, ids);
        await using var two = await Crowd.GatherAsync(pair.Two, ids);
        var publishers = await one.PublishAsync(ids, window: 0);
        await PairWorkload.PublishAsync(publishers, PerSecond, TimeSpan.FromSeconds(5));
        var before = one.Acknowledged;

        await pair.Redis!.KillAsync();
        await PairWorkload.PublishAsync(publishers, PerSecond, TimeSpan.FromSeconds(5));
        var during = one.Acknowledged - before;
        await pair.Redis.StartAgainAsync();
        await PairWorkload.PublishAsync(publishers, PerSecond, After);
        await Task.Delay(After);

        var acknowledged = one.Acknowledged - one.Refused;
        return new()
        {
            ["sent"] = PerSecond * (10 + After.TotalSeconds),
            ["answered within the five seconds"] = during,
            ["refused"] = one.Refused,
            ["acknowledged"] = acknowledged,
            ["of them not delivered beside the publisher"] = acknowledged - one.Received,
            ["of them not delivered on the other server"] = acknowledged - two.Received,
            ["inversions"] = one.Inversions + two.Inversions,
            ["gaps"] = one.Gaps + two.Gaps,
        };
    }
}
