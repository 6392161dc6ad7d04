namespace Collab.Protocol;

/// <summary>A page of runs, newest activity first.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="NextCursor">Pass it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record RunPage(IReadOnlyList<RunSummary> Runs, string? NextCursor);
