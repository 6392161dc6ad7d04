namespace Collab.Protocol;

/// <summary>The answer to <c>POST /api/runs</c>: 201 if the run was made, 200 if it was there already.</summary>
/// <param name="RunId">The new run.</param>
/// <param name="Epoch">Identity of its log.</param>
/// <param name="BranchedFrom">What it began as.</param>
public sealed record BranchResult(Guid RunId, Guid Epoch, BranchOrigin BranchedFrom);
