using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The answer to <c>GET …/collaboration/presence</c>: who is in a run, on whatever server.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="ActiveUsers">The users who are there, sorted.</param>
/// <param name="CursorPositions">The step each user's cursor is on, by user id.</param>
/// <param name="UserNames">Names of those users, by user id: of each whose token has one. Null, and absent, if there are none.</param>
/// <param name="Presence">The same users, with what they are and how far they have seen.</param>
public sealed record PresenceResult(
    Guid RunId,
    Guid Epoch,
    long LastSequence,
    IReadOnlyList<string> ActiveUsers,
    IReadOnlyDictionary<string, string> CursorPositions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? UserNames,
    IReadOnlyList<PresenceEntry> Presence);
