using System.Diagnostics;

namespace Collab.Bench.Load;

/// <summary>What a stretch of time cost: CPU of the server, of the database, and of this generator.</summary>
internal sealed class Meter
{
    private readonly Target _target;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly (double Server, double Database, double Own) _before;

    private Meter(Target target)
    {
        _target = target;
        _before = Read();
    }

    public static Meter Start(Target target) => new(target);

    public Cost Stop()
    {
        var after = Read();
        return new(_watch.Elapsed.TotalSeconds, after.Server - _before.Server, after.Database - _before.Database, after.Own - _before.Own);
    }

    private (double Server, double Database, double Own) Read() => (
        ProcessUse.CpuSeconds(_target.ServerId),
        _target.DatabaseId is { } database ? ProcessUse.FamilyCpuSeconds(database) : 0,
        ProcessUse.OwnCpuSeconds());
}

/// <summary>Seconds of wall clock, and of CPU by whom.</summary>
internal sealed record Cost(double Seconds, double Server, double Database, double Generator)
{
    public static Cost operator +(Cost a, Cost b) => new(a.Seconds + b.Seconds, a.Server + b.Server, a.Database + b.Database, a.Generator + b.Generator);
}
