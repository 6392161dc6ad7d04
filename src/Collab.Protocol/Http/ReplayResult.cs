using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The answer to <c>GET …/collaboration/replay</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="Events">The kept events that match, ascending, at most <c>limit</c>.</param>
/// <param name="TotalEvents">How many kept events match, whatever the limit.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="HasMore">True if more events match after the last of <paramref name="Events"/>.</param>
/// <param name="UserNames">
/// Names of the users of the events, by user id: of each whose token has one. Null, and absent, if there are none.
/// </param>
public sealed record ReplayResult(
    Guid RunId,
    Guid Epoch,
    IReadOnlyList<CollaborationEvent> Events,
    int TotalEvents,
    long LastSequence,
    long OldestSequence,
    bool HasMore,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? UserNames = null)
{
    /// <summary>True: a <c>RUN_END</c> has closed the run, and its events are all there will be. Absent where it is false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ended { get; init; }

    /// <summary>What the run began as a copy of. Null, and absent: of nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BranchOrigin? BranchedFrom { get; init; }
}
