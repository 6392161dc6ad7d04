using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The first message of <c>GET …/collaboration/stream</c>, named <c>run</c>: where the stream starts.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="Truncated">True if events after the given position have been trimmed: read <c>…/state</c>.</param>
public sealed record StreamStart(Guid RunId, Guid Epoch, long LastSequence, long OldestSequence, bool Truncated)
{
    /// <summary>True: the run is closed, and no event follows those up to <see cref="LastSequence"/>. Absent where it is false.</summary>
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
}
