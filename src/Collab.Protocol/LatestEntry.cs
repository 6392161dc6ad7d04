using System.Text.Json;

namespace Collab.Protocol;

/// <summary>The newest event of a type that has one value in the field that the type is configured to go by.</summary>
/// <param name="Data">What it says.</param>
/// <param name="UserId">Who published it.</param>
/// <param name="SequenceNumber">Its number.</param>
public sealed record LatestEntry(JsonElement Data, string UserId, long SequenceNumber);
