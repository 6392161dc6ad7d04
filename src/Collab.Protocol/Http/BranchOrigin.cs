namespace Collab.Protocol;

/// <summary>What a run that was branched began as.</summary>
/// <param name="RunId">The run that it is a copy of. It may have been erased since.</param>
/// <param name="Sequence">The number of the last event that was copied; the first of the run's own has the next one.</param>
public sealed record BranchOrigin(Guid RunId, long Sequence);
