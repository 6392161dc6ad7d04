using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// What a writer does with a batch that the store does not take: which part of it to try next, and what to refuse. Parts keep the events of
/// a run in their order and atomic groups whole. It knows no store and no clock, and remembers nothing.
/// </summary>
internal static class CommitPlan
{
    /// <summary>How long a store that gives no answer is asked again.</summary>
    public static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(2);

    /// <summary>How long it is left alone before it is asked again.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// What is queued behind a batch with stuck runs waits no longer than about this. To find one run among 256 by halving takes less.
    /// </summary>
    public static readonly TimeSpan PassByFor = TimeSpan.FromSeconds(5);

    /// <summary>How a batch begins: with the runs that were stuck before after all others.</summary>
    public static Step Begin(IReadOnlyList<QueuedAppend> batch, StuckRuns stuck)
    {
        var whole = new Part(batch);
        return stuck.IsEmpty ? Step.Try(whole) : Apart(whole, stuck.Contains, isHeld: true);
    }

    /// <summary>What follows from an attempt.</summary>
    /// <param name="part">What was tried.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="partAge">How long ago this part was tried first.</param>
    /// <param name="batchAge">How long ago the first part of its batch was.</param>
    public static Step Next(Part part, in Outcome outcome, TimeSpan partAge, TimeSpan batchAge) => outcome.Kind switch
    {
        OutcomeKind.Committed => Step.Accept,
        // The commit may have happened all the same; the ids make it safe to send it again.
        OutcomeKind.Unanswered => partAge > RetryFor ? Step.Refuse(Verdict.RefuseAll) : Step.Retry,
        OutcomeKind.Locked => PassBy(part, outcome.LockedRuns, batchAge),
        // Something in it is rejected: halves it until the one event, or the group that it may not leave, stands alone.
        _ => part.IsWhole(0, part.Appends.Count) ? Step.Refuse(Verdict.RefuseRejected) : Halves(part),
    };

    /// <summary>
    /// Another session holds the row of a run, and nothing was committed. The other runs are committed without it. Another server's commit
    /// holds a row too, but never for two waits: a run that is held through two is refused.
    /// </summary>
    private static Step PassBy(Part part, IReadOnlyCollection<Guid> locked, TimeSpan batchAge)
    {
        Guid[] runs = [.. part.Runs];
        var held = runs.Where(locked.Contains).ToHashSet(KeyedGuids.Instance);
        if (held.Count == runs.Length || runs.Length == 1)
            return part.IsHeld ? Step.Refuse(Verdict.RefuseStuck) : Step.Try(part with { IsHeld = true });
        if (batchAge > PassByFor) return Step.Refuse(Verdict.RefuseLocked);
        if (held.Count > 0) return Apart(part, held.Contains, isHeld: true);
        // A row that is about to be inserted cannot be seen. Halves the runs until the one stands alone.
        return Apart(part, runs.Skip(runs.Length / 2).ToHashSet(KeyedGuids.Instance).Contains, isHeld: false);
    }

    private static Step Halves(Part part)
    {
        var half = part.Appends.Count / 2;
        // An atomic group in the middle goes with the second half, or with the first where that has nothing else.
        while (half > 0 && part.IsWhole(half - 1, half + 1)) half--;
        if (half == 0) while (half == 0 || part.IsWhole(half - 1, half + 1)) half++;
        return Step.Try(new([.. part.Appends.Take(half)]), new([.. part.Appends.Skip(half)]));
    }

    /// <summary>The events of some runs after those of the others. The events of a run stay together, in their order.</summary>
    private static Step Apart(Part part, Func<Guid, bool> isLast, bool isHeld)
    {
        var parts = part.Appends.ToLookup(append => isLast(append.RunId));
        QueuedAppend[] first = [.. parts[false]], last = [.. parts[true]];
        if (last.Length == 0) return Step.Try(new(first));
        return first.Length == 0 ? Step.Try(new(last, isHeld)) : Step.Try(new(first), new(last, isHeld));
    }
}

/// <summary>Events of a batch that are tried together, in the order of their runs.</summary>
/// <param name="Appends">The events.</param>
/// <param name="IsHeld">All these runs were seen to be held: if they still are, they are refused.</param>
internal readonly record struct Part(IReadOnlyList<QueuedAppend> Appends, bool IsHeld = false)
{
    /// <summary>Whether the events from one place to before another are one, or all of one atomic group.</summary>
    public bool IsWhole(int from, int to) =>
        to - from == 1 || (Appends[from].Group is { IsAtomic: true } group && Appends[to - 1].Group == group);

    /// <summary>Where its groups are, or what it has of them.</summary>
    public void FindGroups(List<AppendsTogether> groups)
    {
        groups.Clear();
        for (var start = 0; start < Appends.Count;)
        {
            var end = start + 1;
            if (Appends[start].Group is { } group)
            {
                while (end < Appends.Count && Appends[end].Group == group) end++;
                groups.Add(new(start, end - start, group.IsAtomic));
            }
            start = end;
        }
    }

    public IEnumerable<Guid> Runs => Appends.Select(append => append.RunId).Distinct(KeyedGuids.Instance);
}

/// <summary>What a writer does next: with the part that it has tried, and which parts it tries now.</summary>
internal readonly record struct Step(Verdict Verdict, Part? First = null, Part? Last = null)
{
    public static readonly Step Accept = new(Verdict.Accept);
    public static readonly Step Retry = new(Verdict.Retry);

    public static Step Refuse(Verdict why) => new(why);

    public static Step Try(Part first, Part? last = null) => new(Verdict.Split, first, last);

    /// <summary>What is tried next lies on top.</summary>
    public void PushTo(Stack<Part> parts)
    {
        if (Last is { } last) parts.Push(last);
        if (First is { } first) parts.Push(first);
    }
}

/// <summary>What becomes of a part.</summary>
internal enum Verdict
{
    /// <summary>It is durable.</summary>
    Accept,

    /// <summary>It is tried again after a pause, as it is: with the same ids and the same time.</summary>
    Retry,

    /// <summary>Parts of it are tried, or all of it once more.</summary>
    Split,

    /// <summary>It is one event, which the store cannot hold.</summary>
    RefuseRejected,

    /// <summary>Its runs are held, and refused without asking for a while.</summary>
    RefuseStuck,

    /// <summary>To find out which of its runs are held would take too long.</summary>
    RefuseLocked,

    /// <summary>The store is away: it is refused, and what is queued behind it too.</summary>
    RefuseAll,
}

/// <summary>How an attempt can end.</summary>
internal enum OutcomeKind
{
    Committed,

    /// <summary>Without an answer: it may be committed or not.</summary>
    Unanswered,

    /// <summary>Nothing was committed, for the row of a run in it is held.</summary>
    Locked,

    /// <summary>Nothing was committed, for the store does not take an event in it.</summary>
    Rejected,
}

/// <summary>What came of an attempt.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Answers">If it is committed: what the log has for each append.</param>
/// <param name="Failure">If it is not: why.</param>
internal readonly record struct Outcome(OutcomeKind Kind, IReadOnlyList<Appended>? Answers = null, Exception? Failure = null)
{
    /// <summary>If it is <see cref="OutcomeKind.Locked"/>: the runs that are, as far as it can be seen.</summary>
    public IReadOnlyCollection<Guid> LockedRuns => Failure is StoreException failure ? failure.LockedRuns : [];

    public static Outcome Of(Exception failure) => new(failure switch
    {
        StoreException { Failure: StoreFailure.Unavailable } => OutcomeKind.Unanswered,
        StoreException { Failure: StoreFailure.Locked } => OutcomeKind.Locked,
        _ => OutcomeKind.Rejected,
    }, Failure: failure);
}
