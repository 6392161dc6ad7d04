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
    private readonly Lifetime _life = new();
    private IHub? _hub;

    /// <summary>Events that came while a join is under way; null while none is.</summary>
    private List<CollaborationEvent>? _held = [];

    public HubLink(RunParts parts, Connector owner)
    {
        (_parts, _owner) = (parts, owner);
        _intake = new Intake(parts, Receive, End);
        _deadline = parts.NewAlarm(() => End(new NoAnswerException("Connecting took too long.")));
    }

    /// <summary>The token that it connects with; null while there is none.</summary>
    public string? Token { get; private set; }

    /// <summary>Connects and joins.</summary>
    public async Task OpenAsync(Func<CancellationToken, Task<string>> askToken)
    {
        _deadline.Set(AttemptTime);
        try
        {
            var token = await askToken(_life.Token);
            if (_life.IsOver) return;
            Token = token;
            _hub = _parts.ConnectHub(token, _intake.Take, reason => _parts.Strand.Post(() => End(reason)));
            await _hub.OpenAsync(_life.Token);
            if (!_life.IsOver) await JoinAsync();
        }
        catch (Exception e)
        {
            // Whatever it is, the application's token provider and the network included: this attempt has failed, and the next one comes.
            End(e);
        }
    }

    /// <summary>Asks again for what comes after the position; live events wait until the answer is here.</summary>
    public void Rejoin()
    {
        if (_held is null) _parts.Strand.Begin(JoinAsync);
    }

    public Task<PublishAck> PublishAsync(PendingSend send) =>
        CallAsync(AnswerTime, hub => hub.PublishAsync(_parts.RunId, send.EventType, send.Data, send.MessageId));

    public Task MoveCursorAsync(string? nodeId) => CallAsync(AnswerTime, async hub =>
    {
        await hub.MoveCursorAsync(_parts.RunId, nodeId);
        return true;
    });

    /// <summary>Measures a round trip.</summary>
    /// <returns>The newest event's number; null if this connection has not joined the run.</returns>
    public async Task<long?> PingAsync(double? lastRoundTripMs)
    {
        var pong = await CallAsync(PingTime, hub => hub.PingAsync(_parts.Time.GetUtcNow().ToUnixTimeMilliseconds(), lastRoundTripMs));
        return pong.LastSequences.TryGetValue(_parts.RunId, out var last) ? last : null;
    }

    /// <summary>Ends the link in order, without telling the connector. Completes when the connection is closed.</summary>
    public async Task StopAsync()
    {
        if (_life.IsOver) return;
        _held = null;
        _deadline.Stop();
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

    private async Task JoinAsync()
    {
        _held ??= [];
        try
        {
            bool isWhole;
            long? asked;
            do
            {
                asked = _parts.View.Position;
                var answer = await CallAsync(AttemptTime, hub => hub.JoinAsync(_parts.RunId, asked));
                if (_life.IsOver) return;
                _deadline.Stop();
                isWhole = _owner.Joined(this, RunAnswer.Of(answer), asked);
            }
            while (!isWhole);
            Release(hasMoved: _parts.View.Position != asked);
        }
        catch (Exception e)
        {
            // An answer that makes no sense is none.
            End(e);
        }
    }

    /// <summary>Hands on what waited for the answer. A join that brought nothing and leaves a gap open would be repeated for ever.</summary>
    private void Release(bool hasMoved)
    {
        var held = _held;
        _held = null;
        if (_life.IsOver || held is null or [] || _owner.Received(held)) return;
        if (hasMoved) Rejoin();
        else End(new NoAnswerException("Joining again did not bring what was missing."));
    }

    private void Receive(CollaborationEvent[] events)
    {
        if (_life.IsOver) return;
        if (_held is not null) _held.AddRange(events.Take(Intake.Max - _held.Count));
        else if (!_owner.Received(events)) _parts.Strand.Begin(JoinAsync);
    }

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
