using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// A run as one client follows and steers it. It connects, keeps connected, falls back to polling and comes back; each event reaches the
/// application once, critical ones in order; what the application publishes waits until it can be sent. Safe for use from several threads.
/// </summary>
public sealed class RunConnection : IAsyncDisposable, IDisposable
{
    private readonly RunCore _core;
    private readonly Announcer _announcer;
    private readonly Action<RunConnection> _ended;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isDisposing;

    internal RunConnection(Guid runId, CollabClientOptions options, Surroundings surroundings, Action<RunConnection> ended)
    {
        _ended = ended;
        PollInterval = options.PollInterval;
        _announcer = new Announcer(this, surroundings.Outside, surroundings.Logger);
        _core = new RunCore(runId, options, surroundings, _announcer.Announce);
    }

    /// <summary>
    /// Raised after changes, with the newest <see cref="Snapshot"/>; one call at a time, on a thread of the pool. A handler that takes long
    /// does not see what came and went meanwhile.
    /// </summary>
    public event EventHandler<RunChangedEventArgs> StateChanged
    {
        add => _announcer.Handlers += value;
        remove => _announcer.Handlers -= value;
    }

    /// <summary>The run.</summary>
    public Guid RunId => Snapshot.RunId;

    /// <summary>Time between polls while it polls: <see cref="CollabClientOptions.PollInterval"/>.</summary>
    public TimeSpan PollInterval { get; }

    /// <summary>How things are: immutable, and the same object until something changes.</summary>
    public RunSnapshot Snapshot => _core.Snapshot;

    /// <summary>What became of the connection: the last 100 steps, each with its cause as far as it can be told.</summary>
    public ConnectionFlight Flight => _core.Flight.Flight;

    /// <summary>What is behind it, for tests.</summary>
    internal RunCore Core => _core;

    /// <summary>Begins to connect, and goes on trying until <see cref="CloseAsync"/>. Does nothing while it does so already.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void Connect()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposing) != 0, this);
        _core.Strand.Post(_core.Connect);
    }

    /// <summary>Tries now what would be tried later: the connection, a ping, a poll.</summary>
    public void RetryNow() => _core.Strand.Post(_core.Connector.RetryNow);

    /// <summary>
    /// Disconnects. What waits to be published fails with <see cref="ConnectionClosedException"/>; it is kept, and sent after
    /// <see cref="Connect"/>. Those who read events go on waiting.
    /// </summary>
    /// <returns>Completes when the connection has ended.</returns>
    public Task CloseAsync() => _core.Strand.CallAsync(async () =>
    {
        await _core.Connector.CloseAsync(null, new ConnectionClosedException());
        return true;
    });

    /// <summary>
    /// Begins to disconnect for good, and does not wait for that: for containers and <c>using</c> blocks that know no other way. Prefer
    /// <see cref="DisposeAsync"/>.
    /// </summary>
    public void Dispose() => DisposeAsync().AsTask().Observe();

    /// <summary>Disconnects for good, and ends the reading of events.</summary>
    /// <returns>Completes when no task, timer or socket of this connection is left.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposing, 1) == 0)
        {
            await _core.Strand.CallAsync(async () =>
            {
                await _core.EndAsync();
                return true;
            }).ConfigureAwait(false);
            await _core.Strand.RestAsync().ConfigureAwait(false);
            _disposed.SetResult();
            _ended(this);
        }
        await _disposed.Task.ConfigureAwait(false);
    }

    /// <summary>Waits until a snapshot meets a condition. Snapshots that come and go quickly may not be looked at.</summary>
    /// <param name="condition">Asked about the snapshot of now, and after changes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The snapshot that met it.</returns>
    /// <exception cref="ConnectionClosedException">The connection was disposed before.</exception>
    public async Task<RunSnapshot> WaitForAsync(Func<RunSnapshot, bool> condition, CancellationToken cancellationToken = default)
    {
        var met = new TaskCompletionSource<RunSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        StateChanged += Changed;
        try
        {
            Check(Snapshot);
            // It ends what is waited for, and not only the wait: that would stay with the connection for as long as it lives.
            using var stop = cancellationToken.UnsafeRegister(_ => met.TrySetCanceled(cancellationToken), null);
            var first = await Task.WhenAny(met.Task, _disposed.Task).ConfigureAwait(false);
            return first == met.Task ? await met.Task.ConfigureAwait(false) : throw new ConnectionClosedException();
        }
        finally
        {
            StateChanged -= Changed;
        }

        void Changed(object? sender, RunChangedEventArgs change) => Check(change.Snapshot);

        void Check(RunSnapshot snapshot)
        {
            try
            {
                if (condition(snapshot)) met.TrySetResult(snapshot);
            }
            catch (Exception e)
            {
                met.TrySetException(e);
            }
        }
    }

    /// <summary>
    /// Waits until users have applied the run up to an event, as their clients say with their pings (every ten seconds) or polls. While
    /// something is waited for, this client asks every two seconds.
    /// </summary>
    /// <param name="sequence">The event's number.</param>
    /// <param name="users">
    /// Whom to wait for, by user id; one who leaves before is waited for until they are back and have seen it. Null: everybody else who is
    /// there once this client has the event itself; who leaves is not waited for any more, who comes is.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when all of them have seen it.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closed, or the run was erased and begun again.</exception>
    public Task WhenSeenAsync(long sequence, IEnumerable<string>? users = null, CancellationToken cancellationToken = default)
    {
        var wait = new SeenWait(sequence, users);
        _core.Strand.Post(() => _core.Await(wait, cancellationToken));
        // A caller that does not wait is told nothing.
        wait.Task.Observe();
        return wait.Task;
    }

    /// <summary>
    /// Reads events, each once, critical ones in order. Several readers can read, each at its own pace. One that falls behind by more than
    /// <see cref="CollabClientOptions.MaxUnread"/> misses ephemeral events, and gets the critical ones from the snapshot or by replay from
    /// the server. What the server does not keep any more either is skipped: the sequence numbers then show a gap, and
    /// <see cref="RunSnapshot.State"/> covers it. If the run is erased and begun again, its numbers begin again with 1.
    /// </summary>
    /// <param name="includeHistory">
    /// Begin with what happened before: the events of <see cref="RunSnapshot.Events"/>, or of the first join.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Ends when the connection is disposed; goes on over any number of reconnects.</returns>
    /// <exception cref="CollabException">The server will not have this client.</exception>
    public async IAsyncEnumerable<CollaborationEvent> ReadEventsAsync(
        bool includeHistory = true,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The caller decides where it goes on, so there is no ConfigureAwait here.
        var reader = await _core.Strand.CallAsync(() => Task.FromResult(_core.Read(includeHistory)));
        try
        {
            while (true)
            {
                // Before what is unread: nothing is added to that while the reader is behind, so all of it is older than what it catches up
                // on.
                var isBehind = reader.IsBehind;
                while (reader.Unread.TryRead(out var e))
                {
                    yield return e;
                    cancellationToken.ThrowIfCancellationRequested();
                }
                if (isBehind)
                {
                    foreach (var e in await _core.Strand.CallAsync(reader.CatchUpAsync).WaitAsync(cancellationToken))
                    {
                        yield return e;
                        cancellationToken.ThrowIfCancellationRequested();
                    }
                }
                else if (!reader.IsBehind && !await reader.Unread.WaitToReadAsync(cancellationToken))
                {
                    break;
                }
            }
        }
        finally
        {
            _core.Strand.Post(() => _core.EndReading(reader));
        }
        if (reader.Error is { } error) throw error;
    }

    /// <summary>Inserts an agent after a step.</summary>
    /// <inheritdoc cref="PublishAsync" />
    public Task<PublishAck> GraftAsync(
        string after, string agentName, long? basedOnSequence = null, CancellationToken cancellationToken = default) =>
        SendAsync(EventTypes.Graft, new GraftData(after, agentName), ClientJson.Default.GraftData, basedOnSequence, cancellationToken);

    /// <summary>Skips a step, or takes it back in.</summary>
    /// <inheritdoc cref="PublishAsync" />
    public Task<PublishAck> PruneAsync(
        string stepId, bool isPruned, long? basedOnSequence = null, CancellationToken cancellationToken = default) =>
        SendAsync(EventTypes.Prune, new PruneData(stepId, isPruned), ClientJson.Default.PruneData, basedOnSequence, cancellationToken);

    /// <summary>Marks a step for review.</summary>
    /// <inheritdoc cref="PublishAsync" />
    public Task<PublishAck> FlagAsync(
        string stepId, string? note = null, long? basedOnSequence = null, CancellationToken cancellationToken = default) =>
        SendAsync(EventTypes.Flag, new FlagData(stepId, note), ClientJson.Default.FlagData, basedOnSequence, cancellationToken);

    /// <summary>Closes the run: this is its last event, and what is published after it is refused <c>run_ended</c>.</summary>
    /// <param name="outcome">What came of it, in any words; null: nothing is said.</param>
    /// <param name="cancellationToken">Ends the wait. An event that has its place already keeps it, and is sent all the same.</param>
    /// <inheritdoc cref="PublishAsync" />
    public Task<PublishAck> EndAsync(string? outcome = null, CancellationToken cancellationToken = default) =>
        SendAsync(EventTypes.RunEnd, new EndData(outcome), ClientJson.Default.EndData, basedOnSequence: null, cancellationToken);

    /// <summary>Publishes an event, now or when it is its turn.</summary>
    /// <param name="eventType">A built-in or configured type.</param>
    /// <param name="data">An object.</param>
    /// <param name="messageId">
    /// A repeat with the same one is stored once; that of an event which was refused is refused too, until <see cref="Retry"/> or
    /// <see cref="Discard"/>. Null: a new one.
    /// </param>
    /// <param name="basedOnSequence">
    /// The newest event that who publishes has seen, mostly <see cref="RunSnapshot.LastSequence"/>; 0: none. If another has touched
    /// the same since (the step of a GRAFT, PRUNE or FLAG; of other types the value they keep their newest events by, else the whole run),
    /// the event is refused <see cref="CollabErrorCode.Conflict"/> and waits among <see cref="RunSnapshot.Conflicts"/> for a decision:
    /// <see cref="Retry"/>, <see cref="Edit"/> or <see cref="Discard"/>. Null: it is published whatever came since.
    /// </param>
    /// <param name="cancellationToken">Ends the wait. An event that has its place already keeps it, and is sent all the same.</param>
    /// <returns>Completes when it is acknowledged or refused for good, over any number of reconnects.</returns>
    /// <exception cref="CollabException">
    /// The server refused it, or no server would take it; <see cref="QueueFullException"/>, <see cref="ConnectionClosedException"/>.
    /// </exception>
    public Task<PublishAck> PublishAsync(
        string eventType, JsonElement data, Guid? messageId = null, long? basedOnSequence = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventType);
        if (basedOnSequence is { } basedOn) ArgumentOutOfRangeException.ThrowIfNegative(basedOn, nameof(basedOnSequence));
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<PublishAck>(cancellationToken);
        var promise = new TaskCompletionSource<PublishAck>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var copy = EventData.Checked(data);
            _core.Strand.Post(() => _core.Outbox.Add(messageId, eventType, copy, basedOnSequence, promise));
        }
        catch (CollabException e)
        {
            promise.SetException(e);
        }
        // A caller that does not wait finds a refusal in the snapshot.
        return promise.Task.UntilAsync(cancellationToken);
    }

    /// <summary>
    /// Tells the others where this user's focus is, null for nowhere. Never queued; the latest wins; at most 20 a second are sent.
    /// </summary>
    public void MoveCursor(string? nodeId) => _core.Strand.Post(() => _core.CursorMoves.Move(nodeId));

    /// <summary>
    /// Sends a refused event again, after all that wait. One that was refused for what others have changed is applied all the same: it is
    /// based on the newest of these changes from now on, so that only a later one can refuse it again. Nothing happens for another one.
    /// </summary>
    public void Retry(Guid messageId) => _core.Strand.Post(() => _core.Outbox.Retry(messageId));

    /// <summary>Sends a refused event again as <see cref="Retry"/> does, with other data. Nothing happens for another one.</summary>
    /// <param name="messageId">Its id, which it keeps.</param>
    /// <param name="data">An object.</param>
    /// <exception cref="CollabException">The data cannot be sent.</exception>
    public void Edit(Guid messageId, JsonElement data)
    {
        var copy = EventData.Checked(data);
        _core.Strand.Post(() => _core.Outbox.Retry(messageId, copy));
    }

    /// <summary>Forgets a refused event. Nothing happens for another one.</summary>
    public void Discard(Guid messageId) => _core.Strand.Post(() => _core.Outbox.Discard(messageId));

    private Task<PublishAck> SendAsync<T>(
        string eventType, T data, JsonTypeInfo<T> type, long? basedOnSequence, CancellationToken cancellationToken) =>
        PublishAsync(eventType, JsonSerializer.SerializeToElement(data, type), null, basedOnSequence, cancellationToken);
}
