namespace Collab.Histories.Running;

/// <summary>The sorts of faults.</summary>
internal enum FaultKind
{
    Kill,
    Restart,
    Freeze,
    Cut,
    Unreachable,
    NoWebSockets,

    /// <summary>Each piece is held back for a while, in both directions.</summary>
    Slow,

    /// <summary>What goes one way does not arrive, and what goes the other way does.</summary>
    HalfOpen,

    /// <summary>A rolling restart: each server is asked to drain, and restarted once it has.</summary>
    Drain,

    DatabaseConnections,
    DatabaseKill,
    DatabaseRestart,
    DatabaseFreeze,

    /// <summary>A session of another program holds a lock of the events' table.</summary>
    TableLock,

    /// <summary>A session of another program holds locks of the runs' rows.</summary>
    RowLock,

    /// <summary>Another program takes every connection that PostgreSQL has, and those of the servers end.</summary>
    DatabaseConnectionsTaken,

    /// <summary>The primary is lost, and its replica takes its place.</summary>
    DatabaseFailOver,

    /// <summary>No room is left where the events are stored.</summary>
    DiskFull,

    RedisKill,
    RedisFreeze,

    /// <summary>Nothing reaches Redis: its connections are reset, and so are new ones.</summary>
    RedisCut,

    /// <summary>Each piece to and from Redis is held back for a while.</summary>
    RedisSlow,

    /// <summary>One server's wall clock is wrong, by seconds or by most of an hour, ahead or behind, and then right again.</summary>
    Clock,

    /// <summary>An administrator erases a run.</summary>
    Erase,
}

/// <summary>What a fault strikes. Two at once strike two different ones.</summary>
internal enum FaultTarget
{
    Process,
    Network,
    Database,
    Redis,
    Run,
}

/// <summary>What is known of the sorts of faults.</summary>
internal static class FaultKinds
{
    private static readonly FaultKind[] Anywhere =
    [
        FaultKind.Kill, FaultKind.Kill, FaultKind.Restart, FaultKind.Freeze, FaultKind.Cut, FaultKind.Unreachable, FaultKind.NoWebSockets,
        FaultKind.Slow, FaultKind.HalfOpen, FaultKind.Drain,
    ];

    private static readonly FaultKind[] OfPostgres =
    [
        FaultKind.DatabaseConnections, FaultKind.DatabaseKill, FaultKind.DatabaseRestart, FaultKind.DatabaseFreeze, FaultKind.TableLock,
        FaultKind.RowLock, FaultKind.DatabaseConnectionsTaken,
    ];

    private static readonly FaultKind[] OfRedis =
    [
        FaultKind.RedisKill, FaultKind.RedisKill, FaultKind.RedisFreeze, FaultKind.RedisCut, FaultKind.RedisCut, FaultKind.RedisSlow,
    ];

    /// <summary>Those that can strike an installation; what it is there for, most often.</summary>
    public static FaultKind[] Of(Layout layout) =>
    [
        .. Anywhere,
        .. layout.Store == "postgres" ? OfPostgres : [],
        .. layout.Bus == "redis" ? OfRedis : [],
        .. Often(layout, Extras.Erases, FaultKind.Erase),
        .. Often(layout, Extras.Replica, FaultKind.DatabaseFailOver),
        .. Often(layout, Extras.SmallDisk, FaultKind.DiskFull),
        .. Often(layout, Extras.Clocks, FaultKind.Clock),
        .. Often(layout, Extras.SmallPool, FaultKind.TableLock),
    ];

    public static FaultTarget TargetOf(FaultKind what) => what switch
    {
        FaultKind.Kill or FaultKind.Restart or FaultKind.Freeze or FaultKind.Drain or FaultKind.Clock => FaultTarget.Process,
        FaultKind.Cut or FaultKind.Unreachable or FaultKind.NoWebSockets or FaultKind.Slow or FaultKind.HalfOpen => FaultTarget.Network,
        FaultKind.RedisKill or FaultKind.RedisFreeze or FaultKind.RedisCut or FaultKind.RedisSlow => FaultTarget.Redis,
        FaultKind.Erase => FaultTarget.Run,
        _ => FaultTarget.Database,
    };

    /// <summary>What stands still is not noticed at once.</summary>
    public static bool IsLong(FaultKind what) => what is FaultKind.Freeze or FaultKind.HalfOpen or FaultKind.DatabaseFreeze or FaultKind.RedisFreeze
        or FaultKind.TableLock or FaultKind.RowLock or FaultKind.RedisCut or FaultKind.RedisSlow or FaultKind.DiskFull;

    private static IEnumerable<FaultKind> Often(Layout layout, Extras extra, FaultKind what) => Enumerable.Repeat(what, layout.Has(extra) ? 25 : 0);
}
