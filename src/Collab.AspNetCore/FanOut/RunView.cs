using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// What a run looks like at one moment to a caller that has its events up to a position. Join, poll, replay and stream answer from it. The
/// state, as JSON, is there for who begins to follow, else empty.
/// </summary>
internal sealed record RunView(
    Guid RunId,
    Guid Epoch,
    LoggedEvent[] Events,
    long LastSequence,
    long OldestSequence,
    bool Truncated,
    byte[] State,
    IReadOnlyList<string> ActiveUsers,
    IReadOnlyList<KeyValuePair<string, string>> CursorPositions)
{
    /// <summary>A position with no events to read after it.</summary>
    public const long AfterAll = long.MaxValue - 1;

    /// <summary>The run is closed: no event follows the last one.</summary>
    public bool HasEnded { get; init; }

    /// <summary>What the state comes to, at the position that was asked from or after it; null: who asked folds nothing.</summary>
    public LazyFingerprint? Fingerprint { get; init; }

    /// <summary>By type, the field that its newest event is kept by; null: none, or who asked knows it.</summary>
    public IReadOnlyDictionary<string, string>? LatestBy { get; init; }

    /// <summary>What to call those of the users who have a name, by user id.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> UserNames { get; init; } = [];

    /// <summary>The users, with what each is and has seen; null: not asked for.</summary>
    public IReadOnlyList<PresenceEntry>? Presence { get; init; }

    /// <summary>How often marks had moved by then, for who is told what has moved since.</summary>
    public long MarkMoves { get; init; }

    /// <summary>What the run began as a copy of; null: of nothing.</summary>
    public BranchOrigin? BranchedFrom { get; init; }
}
