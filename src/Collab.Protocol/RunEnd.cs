namespace Collab.Protocol;

/// <summary>What a <see cref="EventTypes.RunEnd"/> says: the run is over.</summary>
/// <param name="Outcome">What came of it, in any words, for example <c>done</c>; null if that is not said.</param>
public sealed record RunEnd(string? Outcome = null);
