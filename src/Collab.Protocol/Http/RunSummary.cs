using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>One run in a list.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="LastSequence">The newest event's number.</param>
/// <param name="CreatedAt">When the first event was committed, Unix milliseconds.</param>
/// <param name="UpdatedAt">When the newest event was committed, Unix milliseconds.</param>
/// <param name="LastEvent">The newest event.</param>
/// <param name="ActiveUsers">The users who are there on this server, sorted.</param>
public sealed record RunSummary(
    Guid RunId,
    Guid Epoch,
    long LastSequence,
    long CreatedAt,
    long UpdatedAt,
    CollaborationEvent? LastEvent,
    IReadOnlyList<string> ActiveUsers)
{
    /// <summary>
    /// True: the run is closed, and <see cref="LastEvent"/> is the <c>RUN_END</c> that did it. Absent where it is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ended { get; init; }

    /// <summary>What the run began as a copy of. Null, and absent: of nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BranchOrigin? BranchedFrom { get; init; }
}
