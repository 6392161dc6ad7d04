using Collab.Histories.Recording;

namespace Collab.Histories.Checking;

/// <summary>Checks a history against the promises. It only looks at what was recorded: the same history always gives the same answer.</summary>
internal static class Checker
{
    private static readonly Func<Case, IEnumerable<Violation>>[] Checks =
    [
        StoredChecks.Check, OrderChecks.Check, Basis.Check, FollowerChecks.Check, AnswerChecks.Check, StateChecks.Check, ApplicationChecks.Check,
        EpochChecks.Check,
    ];

    /// <summary>All that is wrong; nothing if nothing is.</summary>
    public static IReadOnlyList<Violation> Check(History history) =>
    [
        .. history.Of<FinalLog>().GroupBy(log => log.RunId).Select(logs => new Case(history, [.. logs])).SelectMany(run => Checks.SelectMany(check => check(run))),
        .. CheckRecoveries(history),
    ];

    private static IEnumerable<Violation> CheckRecoveries(History history) =>
        from fault in history.Of<Fault>()
        where fault.After is { Complete: null }
        let what = fault.After!.Acknowledged is null ? "a server acknowledged nothing" : "a follower did not get what was"
        select Case.Breach(Rule.NoRecovery, $"after {fault.What}{(fault.With is { } other ? $" with {other}" : "")}, over at {fault.End} ms, {what}");
}
