namespace Collab.Protocol;

/// <summary>
/// What all critical events of a run add up to, the trimmed ones included. The highest sequence wins for each step.
/// </summary>
/// <param name="AsOfSequence">The last event that is folded in; 0 before the first.</param>
/// <param name="Grafts">The agent inserted after each step, by step id.</param>
/// <param name="PrunedSteps">The steps that are skipped, in the order in which they were pruned.</param>
/// <param name="Flags">The steps marked for review, by step id.</param>
public sealed record RunState(
    long AsOfSequence,
    IReadOnlyDictionary<string, GraftEntry> Grafts,
    IReadOnlyList<string> PrunedSteps,
    IReadOnlyDictionary<string, FlagEntry> Flags)
{
    /// <summary>The state of a run without events.</summary>
    public static RunState Empty { get; } = new(0, new Dictionary<string, GraftEntry>(), [], new Dictionary<string, FlagEntry>());
}
