using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The answer to <c>GET …/collaboration/poll</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="Events">The critical events after the given position, ascending.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="Truncated">True if events after the given position have been trimmed: read <c>…/state</c>.</param>
/// <param name="ActiveUsers">The users who are there, sorted.</param>
/// <param name="CursorPositions">The step each user's cursor is on, by user id.</param>
/// <param name="UserNames">Names of those users, by user id: of each whose token has one. Null, and absent, if there are none.</param>
public sealed record PollResult(
    Guid RunId,
    Guid Epoch,
    IReadOnlyList<CollaborationEvent> Events,
    long LastSequence,
    long OldestSequence,
    bool Truncated,
    IReadOnlyList<string> ActiveUsers,
    IReadOnlyDictionary<string, string> CursorPositions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? UserNames = null)
{
    /// <summary>True: a <c>RUN_END</c> has closed the run, and its events are all there will be. Absent where it is false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ended { get; init; }

    /// <summary>What the run began as a copy of. Null, and absent: of nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BranchOrigin? BranchedFrom { get; init; }

    /// <summary>
    /// What the state comes to after an event from the given position on, up to <see cref="LastSequence"/>; compare when all up to that one
    /// are folded in. Null, and absent, on servers that have none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StateFingerprint? Fingerprint { get; init; }

    /// <summary>
    /// By type, the field by whose value its newest event is kept in the state, as in <see cref="RunState.LatestBy"/>: an answer from the
    /// start, 0, says so, for no event does. Null, and absent, if no type has one, and in answers from other positions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? LatestBy { get; init; }

    /// <summary>
    /// <see cref="ActiveUsers"/> with what they are and how far they have seen. Null, and absent, where it was not asked for
    /// (<c>presence=full</c>), and on servers that do not know.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PresenceEntry>? Presence { get; init; }
}
