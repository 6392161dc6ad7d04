using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Collab.Client;

/// <summary>
/// One attempt at a hub connection, and the connection that it becomes. A new attempt is a new link, so what an old one still has to say finds nobody
/// who listens. What happens, the connector is told; nothing after the end.
/// </summary>
internal sealed class HubLink : ICarrier
{
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTime = TimeSpan.FromSeconds(5);

    private readonly RunParts _parts;
    private readonly Connector _owner;
    private readonly Intake _intake;
    private readonly Alarm _deadline;
    private readonly Alarm _joinAgain;
    private readonly Lifetime _life = new();
    private IHub? _hub;

    /// <summary>The last join's answer reached to here: what it did not hold follows, in order.</summary>
    private long _follows;

    /// <summary>Events that came before the rest that is still to follow.</summary>
    private List<CollaborationEvent> _ahead = [];

    /// <summary>Joins in a row that the server had no time for.</summary>
    private int _refusals;

    /// <summary>Events that came while a join is under way; null while none is.</summary>
    private List<CollaborationEvent>? _held = [];

    public HubLink(RunParts parts, Connector owner)
    {
        (_parts, _owner) = (parts, owner);
        _intake = new Intake(parts, Receive, End);
        _joinAgain = parts.NewAlarm(() => parts.Strand.Begin(JoinAsync));
        _deadline = parts.NewAlarm(() => End(new NoAnswerException("Connecting took too long.")));
    }

    /// <summary>The token that it connects with; null while there is none.</summary>
    public string? Token { get; private set; }

    /// <summary>Connects and joins.</summary>
    public async Task OpenAsync(Func<CancellationToken, Task<string?>> askToken)
    {
        _deadline.Set(AttemptTime);
        try
        {
            var token = await askToken(_life.Token);
            if (_life.IsOver) return;
            Token = token;
            _hub = _parts.ConnectHub(token, _intake.Take, (reason, allowReconnect) => _parts.Strand.Post(() => End(Refusal.OfClose(reason, allowReconnect))));
            await _hub.OpenAsync(_life.Token);
            if (!_life.IsOver) await JoinAsync();
        }
        catch (Exception e)
        {
            // Whatever it is, the application's token provider and the network included: this attempt has failed, and the next one comes.
            End(Refusal.OfClose(e, allowReconnect: null));
        }
    }

    /// <summary>Asks again for what comes after the position; live events wait until the answer is here. False: that is under way already.</summary>
    public bool Rejoin()
    {
        if (_held is not null) return false;
        _parts.Strand.Begin(JoinAsync);
        return true;
    }

    public Task<PublishAck> PublishAsync(PendingSend send, string userId) =>
        CallAsync(AnswerTime, hub => hub.PublishAsync(_parts.RunId, send.EventType, send.Data, send.MessageId));

    public Task MoveCursorAsync(string? nodeId) => CallAsync(AnswerTime, async hub =>
    {
        await hub.MoveCursorAsync(_parts.RunId, nodeId);
        return true;
    });

    /// <summary>Measures a round trip.</summary>
    /// <returns>The server's time, null if it does not say; the newest event's number, null if this connection has not joined the run.</returns>
    public async Task<(DateTimeOffset? Time, long? Last)> PingAsync(double? lastRoundTripMs)
    {
        var pong = await CallAsync(PingTime, hub => hub.PingAsync(_parts.Time.GetUtcNow().ToUnixTimeMilliseconds(), lastRoundTripMs));
        return (
            pong.ServerTimestamp is > 0 and < 200_000_000_000_000 ? DateTimeOffset.FromUnixTimeMilliseconds(pong.ServerTimestamp) : null,
            pong.LastSequences.TryGetValue(_parts.RunId, out var last) ? last : null);
    }

    /// <summary>Ends the link in order, without telling the connector. Completes when the connection is closed.</summary>
    public async Task StopAsync()
    {
        if (_life.IsOver) return;
        _held = null;
        _deadline.Stop();
        _joinAgain.Stop();
        _intake.Close();
        _life.End();
        if (_hub is not null) await _hub.DisposeAsync();
    }

    /// <summary>Ends the link at once and tells the connector.</summary>
    public void End(Exception? reason)
    {
        if (_life.IsOver) return;
        _hub?.Abort();
        _parts.Strand.Begin(StopAsync);
        _owner.Ended(this, reason);
    }

    /// <summary>Whether a part of what was joined is still to follow.</summary>
    private bool IsIncomplete => (_parts.View.Position ?? 0) < _follows;

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
                asked = _parts.View.Position;
                answer = await CallAsync(AttemptTime, hub => hub.JoinAsync(_parts.RunId, asked));
                if (_life.IsOver) return;
                _deadline.Stop();
                _refusals = 0;
                isWhole = _owner.Joined(this, RunAnswer.Of(answer), asked);
            }
            while (!isWhole);
            _follows = answer.LastSequence;
            Release(hasMoved: _parts.View.Position != asked);
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
        var pause = _parts.Pause(++_refusals);
        _joinAgain.Set(asked > pause ? asked.Value : pause);
    }

    /// <summary>Hands on what waited for the answer. A join that brought nothing and leaves a gap open would be repeated for ever.</summary>
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
        else if (!_owner.Received(events)) _parts.Strand.Begin(JoinAsync);
    }

    /// <summary>What comes ahead of the rest that follows is no sign of a loss: it waits until that is there.</summary>
    private void TakeInTurn(IReadOnlyList<CollaborationEvent> events)
    {
        var last = _parts.View.Position ?? 0;
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

    /// <summary>Calls the hub; a call that is not answered in time means that the connection is dead, whatever TCP believes.</summary>
    private async Task<T> CallAsync<T>(TimeSpan time, Func<IHub, Task<T>> call)
    {
        if (_hub is not { } hub || _life.IsOver) throw new NoAnswerException("There is no connection.");
        var late = _parts.NewAlarm(() => End(new NoAnswerException("A call was not answered in time.")));
        late.Set(time);
        try
        {
            return await call(hub).UntilAsync(_life);
        }
        catch (HubException e)
        {
            // Without a code, the server failed in a way that it has no code for.
            throw Refusal.OfHub(e) ?? new CollabException(CollabErrorCode.Unavailable, e.Message);
        }
        catch (Exception e) when (e is not CollabException)
        {
            // Nothing to be told after the end; before it, this is the end.
            var lost = e as NoAnswerException ?? new NoAnswerException(e.Message, e);
            End(lost);
            throw lost;
        }
        finally
        {
            late.Stop();
        }
    }
}
