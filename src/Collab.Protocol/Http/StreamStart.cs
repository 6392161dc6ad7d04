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
}
