using Collab.Protocol;

namespace Collab.Client;

/// <summary>What a join and a poll have in common. A poll has no state.</summary>
internal sealed record RunAnswer(
    Guid Epoch,
    IReadOnlyList<CollaborationEvent> Events,
    long LastSequence,
    bool Truncated,
    RunState? State,
    IReadOnlyList<string> ActiveUsers,
    IReadOnlyDictionary<string, string> CursorPositions,
    IReadOnlyDictionary<string, string>? UserNames,
    bool Ended,
    BranchOrigin? BranchedFrom)
{
    /// <summary>What the state comes to, at or after the position that was asked from; null: the server does not say.</summary>
    public StateFingerprint? Fingerprint { get; init; }

    /// <summary>Of a poll from the start: the fields that the newest events go by.</summary>
    public IReadOnlyDictionary<string, string>? LatestBy { get; init; }

    /// <summary>Who is there, with what each is and has seen; null: the server does not know.</summary>
    public IReadOnlyList<PresenceEntry>? Presence { get; init; }

    public static RunAnswer Of(JoinResult join) =>
        new(
            join.Epoch, join.Events, join.LastSequence, join.Truncated, join.State, join.ActiveUsers, join.CursorPositions, join.UserNames,
            join.Ended, join.BranchedFrom)
        { Fingerprint = join.Fingerprint, Presence = join.Presence };

    public static RunAnswer Of(PollResult poll, RunState? state) =>
        new(
            poll.Epoch, poll.Events, poll.LastSequence, poll.Truncated, state, poll.ActiveUsers, poll.CursorPositions, poll.UserNames,
            poll.Ended, poll.BranchedFrom)
        { Fingerprint = poll.Fingerprint, LatestBy = poll.LatestBy, Presence = poll.Presence };
}
