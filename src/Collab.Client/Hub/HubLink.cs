using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// One attempt at a hub connection, and the connection that it becomes. A new attempt is a new link, so what an old one still has to say
/// finds nobody who listens.
/// </summary>
internal sealed class HubLink : ICarrier
{
    private readonly Guid _runId;
    private readonly Strand _strand;
    private readonly Func<int, TimeSpan> _joinPause;
    private readonly Func<int, HubFactory> _connect;
    private readonly PublishSigning _signing;
    private readonly IHubLinkOwner _owner;
    private readonly HubCalls _calls;
    private readonly Intake _intake;
    private readonly Alarm _deadline;
    private readonly Alarm _joinAgain;
    private readonly Lifetime _life = new();

    /// <summary>The last join's answer reached to here: what it did not hold follows, in order.</summary>
    private long _follows;

    /// <summary>Events that came before the rest that is still to follow.</summary>
    private List<CollaborationEvent> _ahead = [];

    /// <summary>Joins in a row that the server had no time for.</summary>
    private int _refusals;

    /// <summary>Events that came while a join is under way; null while none is.</summary>
    private List<CollaborationEvent>? _held = [];

    /// <param name="runId">The run.</param>
    /// <param name="strand">The turns.</param>
    /// <param name="time">Measures.</param>
    /// <param name="joinPause">The wait after the n-th time in a row that the server has no time for a join.</param>
    /// <param name="connect">Makes a hub connection of a client that has come back so many times.</param>
    /// <param name="signing">Signs what is published.</param>
    /// <param name="owner">Told what happens.</param>
    public HubLink(
        Guid runId, Strand strand, TimeProvider time, Func<int, TimeSpan> joinPause, Func<int, HubFactory> connect, PublishSigning signing,
        IHubLinkOwner owner)
    {
        (_runId, _strand, _joinPause, _connect, _signing, _owner) = (runId, strand, joinPause, connect, signing, owner);
        _intake = new Intake(runId, strand, Receive, owner.Told, End);
        _calls = new HubCalls(strand, time, _life, End);
        _joinAgain = new Alarm(strand, time, () => strand.Begin(JoinAsync));
        _deadline = new Alarm(strand, time, () => End(new NoAnswerException("Connecting took too long.")));
    }

    public TimeSpan CursorInterval { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The token that it connects with; null while there is none.</summary>
    public string? Token { get; private set; }

    /// <summary>Begins to connect and to join. How it went, the owner is told.</summary>
    public void Open(Func<CancellationToken, Task<string?>> askToken) => _strand.Begin(() => OpenAsync(askToken));

    /// <summary>
    /// Asks again for what comes after the position; live events wait until the answer is here. False: that is under way already.
    /// </summary>
    public bool Rejoin()
    {
        if (_held is not null) return false;
        _strand.Begin(JoinAsync);
        return true;
    }

    public async Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<PendingSend> sends, string userId)
    {
        var events = await _signing.SignAsync(_runId, userId, Batch.Of(sends), _life.Token);
        // What it is based on, and what it is signed with, have a place in a batch only.
        if (events is [{ BasedOnSequence: null, Signature: null }] && sends is [var send])
        {
            return
            [
                new(await _calls.CallAsync(
                    HubCalls.AnswerTime, hub => hub.PublishAsync(_runId, send.EventType, send.Data, send.MessageId))),
            ];
        }
        var results = await _calls.CallAsync(HubCalls.AnswerTime, hub => hub.PublishBatchAsync(_runId, events));
        return Batch.IsAnswer(results, sends.Count)
            ? results
            : throw new CollabException(CollabErrorCode.Unavailable, "That is no answer to a batch.");
    }

    public Task MoveCursorAsync(string? nodeId) => _calls.CallAsync(HubCalls.AnswerTime, async hub =>
    {
        await hub.MoveCursorAsync(_runId, nodeId);
        return true;
    });

    /// <inheritdoc cref="HubCalls.PingAsync" />
    public Task<(DateTimeOffset? Time, long? Last, IReadOnlyDictionary<string, long> Moved)> PingAsync(
        double? lastRoundTripMs, long? seen) => _calls.PingAsync(_runId, lastRoundTripMs, seen);

    /// <inheritdoc cref="StopAsync" />
    public void Stop() => _strand.Begin(StopAsync);

    /// <summary>Ends the link in order, without telling the owner. Completes when the connection is closed.</summary>
    public async Task StopAsync()
    {
        if (_life.IsOver) return;
        _held = null;
        _deadline.Stop();
        _joinAgain.Stop();
        _intake.Close();
        _life.End();
        if (_calls.Hub is { } hub) await hub.DisposeAsync();
    }

    /// <summary>Ends the link at once and tells the owner.</summary>
    public void End(Exception? reason)
    {
        if (_life.IsOver) return;
        _calls.Hub?.Abort();
        Stop();
        _owner.Ended(this, reason);
    }

    /// <summary>Whether a part of what was joined is still to follow.</summary>
    private bool IsIncomplete => (_owner.Position ?? 0) < _follows;

    private async Task OpenAsync(Func<CancellationToken, Task<string?>> askToken)
    {
        _deadline.Set(HubCalls.AttemptTime);
        try
        {
            var token = await askToken(_life.Token);
            if (_life.IsOver) return;
            Token = token;
            var hub = _connect(_owner.Reconnects)(token, new(_intake.Take, _intake.Take, Closed));
            _calls.Hub = hub;
            await hub.OpenAsync(_life.Token);
            if (!_life.IsOver) await JoinAsync();
        }
        catch (Exception e)
        {
            // Whatever it is, the application's token provider and the network included: this attempt has failed, and the next one comes.
            End(Refusal.OfClose(e, allowReconnect: null));
        }

        void Closed(Exception? reason, bool? allowReconnect) => _strand.Post(() => End(Refusal.OfClose(reason, allowReconnect)));
    }

    private async Task JoinAsync()
    {
        _held ??= _ahead;
        (_ahead, _follows) = ([], 0);
        try
        {
            bool isWhole;
            long? asked;
            JoinResult answer;
            do
            {
                asked = _owner.Position;
                answer = await _calls.CallAsync(HubCalls.AttemptTime, hub => hub.JoinAsync(_runId, asked));
                if (_life.IsOver) return;
                _deadline.Stop();
                _refusals = 0;
                isWhole = _owner.Joined(this, RunAnswer.Of(answer), asked);
            }
            while (!isWhole);
            _follows = answer.LastSequence;
            Release(hasMoved: _owner.Position != asked);
        }
        catch (CollabException e) when (e.Code is CollabErrorCode.RateLimited or CollabErrorCode.Overloaded)
        {
            JoinLater(e.RetryAfter);
        }
        catch (Exception e)
        {
            // An answer that makes no sense is none.
            End(e);
        }
    }

    /// <summary>The connection is good, and the server has no time for this now: it costs less to wait than to connect again.</summary>
    private void JoinLater(TimeSpan? asked)
    {
        if (_life.IsOver) return;
        _deadline.Stop();
        var pause = _joinPause(++_refusals);
        _joinAgain.Set(asked > pause ? asked.Value : pause);
    }

    /// <summary>
    /// Hands on what waited for the answer. A join that brought nothing and leaves a gap open would be repeated for ever.
    /// </summary>
    private void Release(bool hasMoved)
    {
        var held = _held;
        _held = null;
        if (_life.IsOver || held is null or []) return;
        if (IsIncomplete) TakeInTurn(held);
        else if (_owner.Received(held)) return;
        else if (hasMoved) Rejoin();
        else End(new NoAnswerException("Joining again did not bring what was missing."));
    }

    private void Receive(CollaborationEvent[] events)
    {
        if (_life.IsOver) return;
        if (_held is not null) Hold(_held, events);
        else if (IsIncomplete) TakeInTurn(events);
        else if (!_owner.Received(events)) _strand.Begin(JoinAsync);
    }

    /// <summary>What comes ahead of the rest that follows is no sign of a loss: it waits until that is there.</summary>
    private void TakeInTurn(IReadOnlyList<CollaborationEvent> events)
    {
        var last = _owner.Position ?? 0;
        var inTurn = new List<CollaborationEvent>(events.Count);
        foreach (var e in events)
        {
            if (e.SequenceNumber > last + 1)
            {
                Hold(_ahead, [e]);
                continue;
            }
            last = Math.Max(last, e.SequenceNumber ?? 0);
            inTurn.Add(e);
        }
        _owner.Received(inTurn);
        if (_life.IsOver || IsIncomplete || _ahead.Count == 0) return;
        CollaborationEvent[] waited = [.. _ahead];
        _ahead = [];
        Receive(waited);
    }

    private static void Hold(List<CollaborationEvent> list, IReadOnlyCollection<CollaborationEvent> events) =>
        list.AddRange(events.Take(Intake.Max - list.Count));
}
