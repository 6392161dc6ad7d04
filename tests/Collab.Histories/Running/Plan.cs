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

    /// <summary>The TypeScript client, in a process of Node's.</summary>
    TypeScript,

    /// <summary>An application that puts events into the outbox, in transactions.</summary>
    Outbox,

    /// <summary>An application that publishes in the server's own process, and follows there.</summary>
    InProcess,
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

/// <summary>One thing that a client does.</summary>
/// <param name="AfterMs">How long after the one before.</param>
/// <param name="What">What.</param>
/// <param name="Choice">Whatever else there is to choose.</param>
internal sealed record Step(int AfterMs, Doing What, int Choice);

/// <summary>One client.</summary>
internal sealed record MemberPlan(string Name, string User, MemberKind Kind, int Run, int JoinsAtMs, bool Leaves, int Choice, IReadOnlyList<Step> Steps);

/// <summary>One fault.</summary>
/// <param name="What">Which sort.</param>
/// <param name="AfterMs">How long after the one before.</param>
/// <param name="ForMs">How long.</param>
/// <param name="Server">Which server, if it is one's.</param>
/// <param name="Choice">Whatever else there is to choose.</param>
/// <param name="With">Another one, which strikes while this one does, so long after it began; null: none.</param>
internal sealed record FaultPlan(FaultKind What, int AfterMs, int ForMs, int Server, int Choice, FaultPlan? With = null)
{
    /// <summary>Whether it is everybody's, and no single server's.</summary>
    public bool IsOfAll => What is FaultKind.Drain || FaultKinds.TargetOf(What) is FaultTarget.Database or FaultTarget.Redis;

    /// <summary>Whether another one can strike at the same time.</summary>
    public bool GoesWith(FaultPlan other)
    {
        var (target, otherTarget) = (FaultKinds.TargetOf(What), FaultKinds.TargetOf(other.What));
        return target != otherTarget
            || (target == FaultTarget.Process && Server != other.Server && What != FaultKind.Drain && other.What != FaultKind.Drain);
    }
}

/// <summary>How much happens.</summary>
internal enum PlanSize
{
    /// <summary>One run, few steps, a short fault or two at once.</summary>
    Small,

    /// <summary>Two runs, up to three faults.</summary>
    Usual,
}

/// <summary>A whole history before it happens. The same seed always gives the same plan.</summary>
internal sealed record Plan(int Seed, Layout Layout, int Runs, IReadOnlyList<MemberPlan> Members, IReadOnlyList<FaultPlan> Faults)
{
    private static readonly Doing[] Usual =
    [
        Doing.Publish, Doing.Publish, Doing.Publish, Doing.Burst, Doing.Burst, Doing.Repeat, Doing.Batch, Doing.AtomicBatch, Doing.Invalid,
        Doing.Based, Doing.Based, Doing.Based, Doing.BasedBatch, Doing.State, Doing.Replay, Doing.Cursor,
    ];

    /// <summary>The plan of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="size">How much happens.</param>
    /// <param name="kind">The sort of installation; null: the seed chooses.</param>
    public static Plan Of(int seed, PlanSize size = PlanSize.Usual, string? kind = null)
    {
        var count = Layout.Usual.Count;
        var layout = kind is null ? Layout.Usual[(seed % count + count) % count] : Layout.All.Single(l => l.Kind == kind);
        // Neighbours would begin alike.
        var source = new PCG(1, unchecked((ulong)seed * 0x9E3779B97F4A7C15));
        var generator = size == PlanSize.Small
            ? Generator(layout, runs: 1, steps: 6, minFaults: 1, maxFaults: 1, pace: 0.4)
            : layout.Keep > 0
                ? Generator(layout, runs: 1, steps: 30, minFaults: 1, maxFaults: 3)
                : Generator(layout, runs: 2, steps: 12, minFaults: 1, maxFaults: 3);
        var plan = generator.Generate(source, null, out _);
        return plan with { Seed = seed };
    }

    /// <summary>Plans of any size up to a bound, which CsCheck can make smaller.</summary>
    public static Gen<Plan> Generator(Layout layout, int runs, int steps, int minFaults, int maxFaults, double pace = 1)
    {
        var choice = Gen.Int[0, int.MaxValue - 1];
        var step = Gen.Select(Gen.Int[20, (int)(900 * pace)], OneOf(Usual), choice, (after, what, any) => new Step(after, what, any));
        var member = Gen.Select(Gen.Int[0, (int)(1500 * pace)], Gen.Int[0, 4], choice, step.List[2, steps], (late, leaves, any, list) =>
            (Late: late, Leaves: leaves == 0, Any: any, Steps: list));
        var single = Gen.Select(
            OneOf(FaultKinds.Of(layout)), Gen.Int[300, (int)(2000 * pace)], Gen.Int[200, (int)(2500 * pace)], Gen.Int[0, layout.Servers - 1], choice,
            (what, after, length, server, any) => new FaultPlan(what, after, FaultKinds.IsLong(what) ? length * 3 : length, server, any));
        // Some strike while another one does.
        var fault = Gen.Select(single, single, Gen.Int[0, 2], (one, other, both) =>
            both == 0 && one.GoesWith(other) ? one with { With = other with { AfterMs = other.AfterMs % 300 } } : one);
        MemberKind[] usual =
        [
            MemberKind.HubJson, MemberKind.HubMessagePack, MemberKind.Client, MemberKind.Http, MemberKind.Stream, MemberKind.TypeScript, MemberKind.HubJson,
        ];
        MemberKind[] kinds = layout.Application ? [MemberKind.Outbox, MemberKind.InProcess, .. usual] : usual;
        var count = runs * kinds.Length;
        return Gen.Select(member.Array[count], fault.List[minFaults, maxFaults], (members, faults) => new Plan(
            0,
            layout,
            runs,
            [.. members.Select((m, index) => ToMember(m.Late, m.Leaves, m.Any, m.Steps, index / kinds.Length, index % kinds.Length, kinds, pace))],
            layout.Has(Extras.Erases) ? WithErase(faults) : faults));
    }

    /// <summary>Where runs are erased, one is in any case.</summary>
    private static IReadOnlyList<FaultPlan> WithErase(IReadOnlyList<FaultPlan> faults)
    {
        if (faults.Count == 0 || faults.Any(f => f.What == FaultKind.Erase || f.With?.What == FaultKind.Erase)) return faults;
        var erase = new FaultPlan(FaultKind.Erase, faults[0].Choice % 300, 0, faults[0].Server, faults[0].Choice);
        return [faults[0] with { With = erase }, .. faults.Skip(1)];
    }

    private static Gen<T> OneOf<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static MemberPlan ToMember(
        int late, bool leaves, int any, IReadOnlyList<Step> steps, int run, int place, MemberKind[] kinds, double pace)
    {
        var kind = kinds[place];
        var isLate = place == kinds.Length - 1;
        if (isLate && any % 3 == 1) kind = MemberKind.HubMessagePack;
        if (isLate && any % 3 == 2) kind = MemberKind.ClientMessagePack;
        var name = $"{(isLate ? "late" : kind.ToString())}-{run}";
        // Now and then one user with two clients.
        var user = kind == MemberKind.Stream && any % 2 == 0 ? $"{MemberKind.HubJson}-{run}" : name;
        return new(name, user, kind, run, isLate ? (int)(2000 * pace) + late : late / 5, leaves && kind is MemberKind.HubMessagePack, any, steps);
    }
}
