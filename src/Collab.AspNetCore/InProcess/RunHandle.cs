using System.Runtime.CompilerServices;
using Collab.AspNetCore.InProcess;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>One run, made by <see cref="ICollab.Run"/>. It holds nothing, and costs nothing to make.</summary>
public readonly record struct RunHandle
{
    private readonly RunCalls? _calls;

    internal RunHandle(RunCalls calls, Guid runId) => (_calls, RunId) = (calls, runId);

    /// <summary>Which run.</summary>
    public Guid RunId { get; }

    private RunCalls Calls => _calls ?? throw new InvalidOperationException("A RunHandle is made by ICollab.Run.");

    /// <summary>
    /// Publishes an event, by the same rules as a client does by the hub's <c>Publish</c>, but without rate limits. Events are in the log
    /// in the order of the calls.
    /// </summary>
    /// <param name="newEvent">The event.</param>
    /// <param name="options">Who it is by, and its id.</param>
    /// <param name="cancellationToken">Ends the wait; the event may be stored all the same.</param>
    /// <returns>Its place in the run. Completes when it is durable; at once for an ephemeral type.</returns>
    /// <exception cref="CollabRefusedException">
    /// <c>invalid_event</c>: no such type, or not the data that it must have, or another event has its id. <c>payload_too_large</c>.
    /// <c>overloaded</c>, <c>unavailable</c>: it can be published again, with the same id. <c>run_ended</c>: the run is closed.
    /// </exception>
    /// <exception cref="ArgumentException">A user id has 1 to 256 characters, a user's name at most 128.</exception>
    [OverloadResolutionPriority(1)]
    public ValueTask<PublishAck> PublishAsync(
        NewEvent newEvent, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        Calls.PublishAsync(RunId, newEvent, options, cancellationToken);

    /// <summary>
    /// Publishes 1 to 100 events in one transaction: all are stored with numbers in a row and nothing in between, or none is. A repeat with
    /// the same ids is answered with the same numbers.
    /// </summary>
    /// <param name="newEvents">The events, none of an ephemeral type, no two with one id.</param>
    /// <param name="options">Who they are by. <see cref="PublishOptions.MessageId"/> stays null: each event has its own.</param>
    /// <param name="cancellationToken">Ends the wait; the events may be stored all the same.</param>
    /// <returns>Their places, in their order. Completes when all are durable.</returns>
    /// <exception cref="CollabRefusedException">As for one; the sentence names the place of the event that was at fault.</exception>
    /// <exception cref="ArgumentException">
    /// None or more than 100, or <see cref="PublishOptions.MessageId"/> is set, or no usable user id.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public ValueTask<IReadOnlyList<PublishAck>> PublishAsync(
        IReadOnlyList<NewEvent> newEvents, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        Calls.PublishAsync(RunId, newEvents, options, cancellationToken);

    /// <summary>Publishes an event of the type that <see cref="CollabBuilder.AddEvent{T}"/> has for this data.</summary>
    /// <typeparam name="T">The type that was added.</typeparam>
    /// <param name="data">What the event says.</param>
    /// <param name="options">Who it is by, and its id.</param>
    /// <param name="cancellationToken">Ends the wait; the event may be stored all the same.</param>
    /// <returns>As <see cref="PublishAsync(NewEvent, PublishOptions?, CancellationToken)"/>.</returns>
    /// <exception cref="CollabRefusedException">As <see cref="PublishAsync(NewEvent, PublishOptions?, CancellationToken)"/>.</exception>
    /// <exception cref="InvalidOperationException">No type of event was added for <typeparamref name="T"/>.</exception>
    public ValueTask<PublishAck> PublishAsync<T>(T data, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where T : notnull => Calls.PublishAsync(RunId, data, options, cancellationToken);

    /// <summary>Reads kept events.</summary>
    /// <param name="after">The last number that is known; 0 for all that is kept.</param>
    /// <param name="limit">At most so many, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The events in their order, and where the run stands. If <see cref="ReplayResult.OldestSequence"/> is greater than
    /// <paramref name="after"/> + 1, what lies between
    /// is kept no more, and is in the state alone.
    /// </returns>
    /// <exception cref="CollabRefusedException"><c>unavailable</c> or <c>overloaded</c>: the store cannot be read now.</exception>
    public ValueTask<ReplayResult> ReadAsync(long after = 0, int limit = 1000, CancellationToken cancellationToken = default) =>
        Calls.ReadAsync(RunId, after, limit, cancellationToken);

    /// <summary>What all events since the first add up to.</summary>
    /// <param name="asOf">The state as it was after this event, one of those that are kept or the one before them; null: as it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state.</returns>
    /// <exception cref="CollabRefusedException">
    /// <c>invalid_event</c>: there is no such event, or too little is kept. <c>unavailable</c>, <c>overloaded</c>.
    /// </exception>
    public ValueTask<RunState> GetStateAsync(long? asOf = null, CancellationToken cancellationToken = default) =>
        Calls.GetStateAsync(RunId, asOf, cancellationToken);

    /// <summary>Who is there, on all servers.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The users and their cursors. The application is not among them.</returns>
    /// <exception cref="CollabRefusedException"><c>unavailable</c>, <c>overloaded</c>.</exception>
    public ValueTask<PresenceSnapshot> GetPresenceAsync(CancellationToken cancellationToken = default) =>
        Calls.GetPresenceAsync(RunId, cancellationToken);

    /// <summary>
    /// Follows the run: kept events after a position, then live ones, each once, in order. A reader that takes its time slows nobody; what
    /// it has not taken it reads from the store. It is not seen as a user who is there.
    /// </summary>
    /// <param name="after">The last number that is known; 0 for all that is kept.</param>
    /// <param name="ephemeral">Whether ephemeral events come too, as they happen; a reader that is behind may miss them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The events; there is no end to them but the caller's.</returns>
    /// <exception cref="FollowEndedException">
    /// The run was erased, or its log replaced, or <paramref name="after"/> is a number of an earlier log: begin again from the state. Or
    /// the reader was so slow
    /// that events which it had yet to get are kept no more.
    /// </exception>
    /// <exception cref="CollabRefusedException">
    /// <c>unavailable</c> or <c>overloaded</c>: follow again after the last event that came.
    /// </exception>
    public IAsyncEnumerable<CollaborationEvent> FollowAsync(
        long after = 0, bool ephemeral = false, CancellationToken cancellationToken = default) =>
        Calls.FollowAsync(RunId, after, ephemeral, cancellationToken);

    /// <summary>
    /// Closes the run with a <c>RUN_END</c>, its last event. What is published to it after that is refused <c>run_ended</c>; it can still
    /// be read, and erased.
    /// </summary>
    /// <param name="outcome">What came of it, for example <c>done</c>; null: nothing is said.</param>
    /// <param name="options">Who ends it, and the event's id: with the same one the end can be repeated.</param>
    /// <param name="cancellationToken">Ends the wait; the run may end all the same.</param>
    /// <returns>The place of the last event. Completes when it is durable.</returns>
    /// <exception cref="CollabRefusedException">
    /// As <see cref="PublishAsync(NewEvent, PublishOptions?, CancellationToken)"/>, and <c>run_ended</c>: another event has ended it.
    /// </exception>
    public ValueTask<PublishAck> EndAsync(
        string? outcome = null, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        Calls.EndAsync(RunId, outcome, options, cancellationToken);

    /// <summary>
    /// Begins a new run as a copy of this one as it was after an event, to play what if it had gone on otherwise. The copy has the same
    /// kept events up to there, with their numbers and ids, and the state that they and all before them add up to; the first event that is
    /// published to it has the next number. Handlers see none of what was copied. The two runs have nothing to do with each other from
    /// then on: erasing one leaves the other.
    /// </summary>
    /// <param name="atSequence">The last event to copy, one that is kept.</param>
    /// <param name="newRunId">
    /// What to call the new run, which nothing may have been written to; a repeat with the same values finds it as it was made. Null: a
    /// new id.
    /// </param>
    /// <param name="cancellationToken">Ends the wait; the run may be made all the same.</param>
    /// <returns>The new run. Completes when it is durable.</returns>
    /// <exception cref="CollabRefusedException">
    /// <c>invalid_event</c>: there is no such event, or it is kept no more. <c>conflict</c>: another run has the new one's id.
    /// <c>unavailable</c>, <c>overloaded</c>: it can be asked for again, with the same id.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="atSequence"/> is less than 1.</exception>
    public ValueTask<BranchResult> BranchAsync(
        long atSequence, Guid? newRunId = null, CancellationToken cancellationToken = default) =>
        Calls.BranchAsync(RunId, atSequence, newRunId, cancellationToken);

    /// <summary>Erases the run and all its events. Who follows it is cut off, and finds a new log.</summary>
    /// <param name="cancellationToken">Ends the wait; the run may be erased all the same.</param>
    /// <returns>
    /// Completes when it is gone for good, also from the memory of other servers; one that is silent is waited for for a second.
    /// </returns>
    /// <exception cref="CollabRefusedException"><c>unavailable</c>: the store cannot be reached.</exception>
    public ValueTask EraseAsync(CancellationToken cancellationToken = default) => Calls.EraseAsync(RunId, cancellationToken);
}
