using Collab.Protocol;

namespace Collab.Client;

/// <summary>Everything that an application shows of a run, immutable; a new object for every change.</summary>
public sealed record RunSnapshot
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The <c>sub</c> of the token, once known.</summary>
    public required string? UserId { get; init; }

    /// <summary>
    /// Of the token in use. Null: not known yet; true: a publish was accepted; false: the last one was answered <c>forbidden</c>.
    /// </summary>
    public required bool? CanWrite { get; init; }

    /// <summary>How the run is connected.</summary>
    public required ConnectionState Connection { get; init; }

    /// <summary>
    /// Why the server ended the connection last; null while it has not, and once <see cref="RunConnection.Connect"/> begins again. It stays
    /// when the connection is back.
    /// </summary>
    public required ConnectionEnding? Reason { get; init; }

    /// <summary>Live, or polling and the last poll succeeded.</summary>
    public bool IsConnected => Connection is ConnectionState.Live or ConnectionState.Polling { Reachable: true };

    /// <summary>Polling.</summary>
    public bool UsingFallback => Connection is ConnectionState.Polling;

    /// <summary>Identity of the run's log, once known. Another one: the run was erased and begun again.</summary>
    public required Guid? Epoch { get; init; }

    /// <summary>
    /// Whether the run has ended: a <c>RUN_END</c> closed it, and what is published is refused <c>run_ended</c>. Once all its events are
    /// here, nothing is asked of the server any more; a connection that is lost then is not made again, and is
    /// <see cref="ConnectionState.Closed"/> without an error.
    /// </summary>
    public required bool Ended { get; init; }

    /// <summary>What came of the run, as the one who ended it put it; null while it goes on, or if nothing was said.</summary>
    public string? Outcome => Ended && Events is [.., { EventType: EventTypes.RunEnd } end] ? end.Data.Text("outcome") : null;

    /// <summary>What the run began as a copy of. Null: of nothing, or that is not known yet.</summary>
    public BranchOrigin? BranchedFrom { get; init; }

    /// <summary>
    /// The first event that is not as the server signed it, of those that came here; null: none is, or there are no
    /// <see cref="CollabClientOptions.SigningKeys"/>. It is applied all the same, as are those after it. It stays until the run begins
    /// another log.
    /// </summary>
    public WrongEvent? Wrong { get; init; }

    /// <summary>Critical events, ascending, the newest <see cref="CollabClientOptions.MaxEvents"/>.</summary>
    public required IReadOnlyList<CollaborationEvent> Events { get; init; }

    /// <summary>The number of the newest event seen; 0 before the first.</summary>
    public required long LastSequence { get; init; }

    /// <summary>The number of the oldest of <see cref="Events"/>; 0 while there is none.</summary>
    public required long OldestSequence { get; init; }

    /// <summary>Whether there were events before the oldest of <see cref="Events"/>; <see cref="State"/> covers them.</summary>
    public bool Truncated => Events.Count < LastSequence;

    /// <summary>What all events since the first add up to.</summary>
    public required RunState State { get; init; }

    /// <summary>Who is there, sorted.</summary>
    public required IReadOnlyList<string> ActiveUsers { get; init; }

    /// <summary>The step each user's cursor is on; a user without a cursor is not in it.</summary>
    public required IReadOnlyDictionary<string, string> CursorPositions { get; init; }

    /// <summary>
    /// Up to which number each user who is there has applied the run, as their clients have said with their last ping or poll. One who is
    /// not in it has not said.
    /// </summary>
    public IReadOnlyDictionary<string, long> Seen { get; init; } = new Dictionary<string, long>();

    /// <summary>The users who are agents and not people, as far as is known, also such as have left; sorted.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>
    /// What users are called, by user id, as far as their tokens say something else than that. Others chose it: show it as such. See
    /// <see cref="NameOf"/>.
    /// </summary>
    public required IReadOnlyDictionary<string, string> UserNames { get; init; }

    /// <summary>How good the connection is.</summary>
    public required RunHealth Health { get; init; }

    /// <summary>The last 60 round trips, in milliseconds, oldest first.</summary>
    public required IReadOnlyList<double> Latencies { get; init; }

    /// <summary>
    /// Publishes that are not acknowledged yet or were refused for good, in order of sending; refused ones keep their place.
    /// </summary>
    public required IReadOnlyList<PendingSend> Pending { get; init; }

    /// <summary>
    /// Those of <see cref="Pending"/> that were refused for what others have changed (<see cref="CollabErrorCode.Conflict"/>): the list for
    /// a person to review. <see cref="PendingSend.Error"/> has what was changed.
    /// </summary>
    public IEnumerable<PendingSend> Conflicts =>
        Pending.Where(send => send is { Status: PendingStatus.Refused, Error.Code: CollabErrorCode.Conflict });

    /// <summary>Those of <see cref="Pending"/> that are not refused.</summary>
    public required int QueuedCount { get; init; }

    /// <summary>What to call a user: the name, or else the id.</summary>
    /// <param name="userId">The user.</param>
    /// <returns>Text that others chose.</returns>
    public string NameOf(string userId) => UserNames.GetValueOrDefault(userId) ?? userId;
}
