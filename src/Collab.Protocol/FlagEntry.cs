namespace Collab.Protocol;

/// <summary>A mark for review on a step.</summary>
/// <param name="Note">What the marker wrote, if anything.</param>
/// <param name="UserId">Who marked it.</param>
/// <param name="SequenceNumber">The event that did.</param>
public sealed record FlagEntry(string? Note, string UserId, long SequenceNumber);
