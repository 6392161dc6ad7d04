using CsCheck;

namespace Collab.Histories.Running;

/// <summary>The sorts of clients.</summary>
internal enum MemberKind
{
    /// <summary>SignalR's own .NET client with its JSON protocol.</summary>
    HubJson,

    /// <summary>SignalR's own .NET client with its MessagePack protocol.</summary>
    HubMessagePack,

    /// <summary><c>CollabClient</c>.</summary>
    Client,

    /// <summary><c>CollabClient</c> with MessagePack.</summary>
    ClientMessagePack,

    /// <summary>Publishes and polls by HTTP alone, each time at any of the servers.</summary>
    Http,

    /// <summary>Follows the event stream.</summary>
    Stream,

    /// <summary>An application that puts events into the outbox, in transactions.</summary>
    Outbox,
}

/// <summary>What a client does.</summary>
internal enum Doing
{
    Publish,

    /// <summary>Several events at once, without waiting for acknowledgements.</summary>
    Burst,

    /// <summary>Sends an event again that was acknowledged.</summary>
    Repeat,

    Batch,

    AtomicBatch,

    /// <summary>An event that is based on what its publisher has seen, or saw a while ago.</summary>
    Based,

    /// <summary>Several of these at once.</summary>
    BasedBatch,

    /// <summary>An event that must be refused.</summary>
    Invalid,

    State,

    Replay,

    Cursor,
}

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

    RedisKill,
    RedisFreeze,
}

/// <summary>One thing that a client does.</summary>
/// <param name="AfterMs">How long after the one before.</param>
/// <param name="What">What.</param>
/// <param name="Choice">Whatever else there is to choose.</param>
internal sealed record Step(int AfterMs, Doing What, int Choice);

/// <summary>One client.</summary>
internal sealed record MemberPlan(string Name, string User, MemberKind Kind, int Run, int JoinsAtMs, bool Leaves, int Choice, IReadOnlyList<Step> Steps);

/// <summary>One fault.</summary>
internal sealed record FaultPlan(FaultKind What, int AfterMs, int ForMs, int Server, int Choice);

/// <summary>What is started.</summary>
/// <param name="Kind">What it is called.</param>
/// <param name="Store"><c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Bus"><c>none</c>, <c>postgres</c> or <c>redis</c>.</param>
/// <param name="Servers">How many servers.</param>
/// <param name="Keep">How many events of a run are kept; 0: all.</param>
/// <param name="Application">Whether the servers are an application that has Collab in it, with a handler, and another one uses the outbox.</param>
internal sealed record Layout(string Kind, string Store, string Bus, int Servers, int Keep = 0, bool Application = false)
{
    /// <summary>Those of which a seed's remainder chooses one.</summary>
    public static IReadOnlyList<Layout> Usual { get; } =
    [
        new("sqlite-1", "sqlite", "none", 1),
        new("postgres-1", "postgres", "none", 1),
        new("notify-2", "postgres", "postgres", 2),
        new("redis-2", "postgres", "redis", 2),
        new("notify-3", "postgres", "postgres", 3),
        new("redis-3", "postgres", "redis", 3),
    ];

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<Layout> All { get; } =
    [
        .. Usual,
        new("trim-1", "postgres", "none", 1, Keep: 20),
        new("trim-2", "postgres", "postgres", 2, Keep: 20),
        new("apps-2", "postgres", "postgres", 2, Application: true),
    ];
}

/// <summary>A whole history before it happens. The same seed always gives the same plan.</summary>
internal sealed record Plan(int Seed, Layout Layout, int Runs, IReadOnlyList<MemberPlan> Members, IReadOnlyList<FaultPlan> Faults)
{
    private static readonly FaultKind[] Anywhere =
    [
        FaultKind.Kill, FaultKind.Kill, FaultKind.Restart, FaultKind.Freeze, FaultKind.Cut, FaultKind.Unreachable, FaultKind.NoWebSockets,
        FaultKind.Slow, FaultKind.HalfOpen, FaultKind.Drain,
    ];

    private static readonly FaultKind[] OfPostgres =
    [
        FaultKind.DatabaseConnections, FaultKind.DatabaseKill, FaultKind.DatabaseRestart, FaultKind.DatabaseFreeze, FaultKind.TableLock, FaultKind.RowLock,
    ];

    private static readonly Doing[] Usual =
    [
        Doing.Publish, Doing.Publish, Doing.Publish, Doing.Burst, Doing.Burst, Doing.Repeat, Doing.Batch, Doing.AtomicBatch, Doing.Invalid,
        Doing.Based, Doing.Based, Doing.Based, Doing.BasedBatch, Doing.State, Doing.Replay, Doing.Cursor,
    ];

    /// <summary>The plan of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="brief">One run and few steps, for a suite that has no time.</param>
    /// <param name="kind">The sort of installation; null: the seed chooses.</param>
    public static Plan Of(int seed, bool brief = false, string? kind = null)
    {
        var count = Layout.Usual.Count;
        var layout = kind is null ? Layout.Usual[(seed % count + count) % count] : Layout.All.Single(l => l.Kind == kind);
        // Neighbours would begin alike.
        var source = new PCG(1, unchecked((ulong)seed * 0x9E3779B97F4A7C15));
        var generator = brief
            ? Generator(layout, runs: 1, steps: 5, minFaults: 1, maxFaults: 1)
            : layout.Keep > 0
                ? Generator(layout, runs: 1, steps: 30, minFaults: 1, maxFaults: 3)
                : Generator(layout, runs: 2, steps: 12, minFaults: 1, maxFaults: 3);
        var plan = generator.Generate(source, null, out _);
        return plan with { Seed = seed };
    }

    /// <summary>Plans of any size up to a bound, which CsCheck can make smaller.</summary>
    public static Gen<Plan> Generator(Layout layout, int runs, int steps, int minFaults, int maxFaults)
    {
        var choice = Gen.Int[0, int.MaxValue - 1];
        var step = Gen.Select(Gen.Int[20, 900], OneOf(Usual), choice, (after, what, any) => new Step(after, what, any));
        var member = Gen.Select(Gen.Int[0, 1500], Gen.Int[0, 4], choice, step.List[2, steps], (late, leaves, any, list) =>
            (Late: late, Leaves: leaves == 0, Any: any, Steps: list));
        var fault = Gen.Select(
            OneOf(FaultsOf(layout)), Gen.Int[300, 2000], Gen.Int[200, 2500], Gen.Int[0, layout.Servers - 1], choice,
            (what, after, length, server, any) => new FaultPlan(what, after, IsLong(what) ? length * 3 : length, server, any));
        MemberKind[] usual = [MemberKind.HubJson, MemberKind.HubMessagePack, MemberKind.Client, MemberKind.Http, MemberKind.Stream, MemberKind.HubJson];
        MemberKind[] kinds = layout.Application ? [MemberKind.Outbox, .. usual] : usual;
        var count = runs * kinds.Length;
        return Gen.Select(member.Array[count], fault.List[minFaults, maxFaults], (members, faults) => new Plan(
            0,
            layout,
            runs,
            [.. members.Select((m, index) => ToMember(m.Late, m.Leaves, m.Any, m.Steps, index / kinds.Length, index % kinds.Length, kinds))],
            faults));
    }

    private static Gen<T> OneOf<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static MemberPlan ToMember(int late, bool leaves, int any, IReadOnlyList<Step> steps, int run, int place, MemberKind[] kinds)
    {
        var kind = kinds[place];
        var isLate = place == kinds.Length - 1;
        if (isLate && any % 3 == 1) kind = MemberKind.HubMessagePack;
        if (isLate && any % 3 == 2) kind = MemberKind.ClientMessagePack;
        var name = $"{(isLate ? "late" : kind.ToString())}-{run}";
        // Now and then one user with two clients.
        var user = kind == MemberKind.Stream && any % 2 == 0 ? $"{MemberKind.HubJson}-{run}" : name;
        return new(name, user, kind, run, isLate ? 2000 + late : late / 5, leaves && kind is MemberKind.HubMessagePack, any, steps);
    }

    /// <summary>What stands still is not noticed at once.</summary>
    private static bool IsLong(FaultKind what) =>
        what is FaultKind.Freeze or FaultKind.HalfOpen or FaultKind.DatabaseFreeze or FaultKind.RedisFreeze or FaultKind.TableLock or FaultKind.RowLock;

    private static FaultKind[] FaultsOf(Layout layout) =>
    [
        .. Anywhere,
        .. layout.Store == "postgres" ? OfPostgres : [],
        .. layout.Bus == "redis" ? [FaultKind.RedisKill, FaultKind.RedisKill, FaultKind.RedisFreeze, FaultKind.RedisFreeze] : Array.Empty<FaultKind>(),
    ];
}
