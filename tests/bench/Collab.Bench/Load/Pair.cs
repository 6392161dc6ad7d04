using System.Diagnostics;
using Collab.TestKit;

namespace Collab.Bench.Load;

/// <summary>Two servers that are one to their clients, and what is between them.</summary>
/// <param name="Name">What they are and what is between them.</param>
/// <param name="One">The one.</param>
/// <param name="Two">The other.</param>
/// <param name="Redis">Their Redis; null: there is none.</param>
internal sealed record Pair(string Name, Target One, Target Two, RedisServer? Redis)
{
    public PairMeter Measure() => new(this);
}

/// <summary>What a pair has cost since it was made.</summary>
internal sealed class PairMeter
{
    private readonly Pair _pair;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly PairCost _before;

    public PairMeter(Pair pair)
    {
        _pair = pair;
        _before = Read();
    }

    public PairCost Stop()
    {
        var now = Read();
        return new(
            _watch.Elapsed.TotalSeconds, now.Servers - _before.Servers, now.Redis - _before.Redis, now.Database - _before.Database,
            now.Generator - _before.Generator);
    }

    private PairCost Read() => new(
        0,
        ProcessUse.CpuSeconds(_pair.One.ServerId) + ProcessUse.CpuSeconds(_pair.Two.ServerId),
        _pair.Redis is { } redis ? ProcessUse.CpuSeconds(redis.Id) : 0,
        _pair.One.DatabaseId is { } database ? ProcessUse.FamilyCpuSeconds(database) : 0,
        ProcessUse.OwnCpuSeconds());
}

/// <summary>Seconds of wall clock, and of CPU by whom.</summary>
internal sealed record PairCost(double Seconds, double Servers, double Redis, double Database, double Generator)
{
    public static PairCost None { get; } = new(0, 0, 0, 0, 0);

    public double All => Servers + Redis + Database;

    public static PairCost operator +(PairCost a, PairCost b) => new(
        a.Seconds + b.Seconds, a.Servers + b.Servers, a.Redis + b.Redis, a.Database + b.Database, a.Generator + b.Generator);
}
