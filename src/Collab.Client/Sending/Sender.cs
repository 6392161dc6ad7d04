using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// Sends what waits, in its order. One send is under way at a time: the server may refuse any of them for the moment (<c>rate_limited</c>,
/// <c>overloaded</c>, <c>unavailable</c>) and accept the one after it a millisecond later, so a client that sends ahead cannot keep the
/// order. A send whose answer was lost is repeated under the same id, before all others. Used from turns only.
/// </summary>
internal sealed class Sender
{
    private const int MaxRetries = 3;

    private readonly ISenderOwner _owner;
    private readonly OutboxShelf _shelf;
    private readonly Strand _strand;
    private readonly ClientMetrics _metrics;
    private readonly Func<int, TimeSpan> _pauseAfter;
    private readonly Alarm _pause;
    private ICarrier? _carrier;

    /// <summary>As whom the server takes what is sent.</summary>
    private string? _user;

    /// <summary>The send that is under way.</summary>
    private OutboxEntry? _current;

    /// <param name="owner">Told how it goes.</param>
    /// <param name="shelf">What is to be sent.</param>
    /// <param name="strand">The turns.</param>
    /// <param name="surroundings">Time and metrics.</param>
    public Sender(ISenderOwner owner, OutboxShelf shelf, Strand strand, Surroundings surroundings)
    {
        (_owner, _shelf, _strand, _metrics) = (owner, shelf, strand, surroundings.Metrics);
        _pauseAfter = Jitter.Half(surroundings.Random);
        _pause = new Alarm(strand, surroundings.Time, Pump);
    }

    /// <summary>Sends go this way from now on; null: they wait. What is under way another way is sent again, under the same id.</summary>
    public void Use(ICarrier? carrier)
    {
        if (ReferenceEquals(carrier, _carrier)) return;
        _carrier = carrier;
        TakeBack();
        Pump();
    }

    /// <summary>As whom the server takes what is sent from now on: what others have said stays.</summary>
    public void SendAs(string? user)
    {
        if (user == _user) return;
        _user = user;
        TakeBack();
        Pump();
    }

    /// <summary>Nothing is sent any more.</summary>
    public void Stop()
    {
        Use(null);
        _pause.Stop();
    }

    /// <summary>What is under way waits again, and its answer is not waited for.</summary>
    public void TakeBack()
    {
        var entry = _current;
        _current = null;
        if (entry is not null) _owner.Update(entry, entry.Send with { Status = PendingStatus.Queued });
    }

    /// <summary>Sends the next one, if there is one and a way to send it.</summary>
    public void Pump()
    {
        if (_carrier is not { } carrier || _user != _shelf.User || _current is not null || _pause.IsSet) return;
        if (_shelf.Queue.FirstQueued() is { } entry) _strand.Begin(() => SendAsync(entry, carrier));
    }

    private async Task SendAsync(OutboxEntry entry, ICarrier carrier)
    {
        _current = entry;
        _owner.Update(entry, entry.Send with { Status = PendingStatus.Sending, Attempts = entry.Send.Attempts + 1 });
        try
        {
            var ack = await carrier.PublishAsync(entry.Send, _shelf.User ?? "");
            if (IsCurrent()) Acknowledged(entry, ack);
        }
        catch (Exception e) when (e is CollabException or NoAnswerException)
        {
            if (IsCurrent()) Failed(entry, e as CollabException);
        }
        Pump();

        bool IsCurrent() => _current == entry && _carrier == carrier;
    }

    private void Acknowledged(OutboxEntry entry, PublishAck ack)
    {
        _current = null;
        _metrics.Acknowledged();
        _owner.Acknowledged(entry, ack);
    }

    private void Failed(OutboxEntry entry, CollabException? refusal)
    {
        _current = null;
        if (refusal is null || (refusal.Code == CollabErrorCode.Unauthorized && !entry.IsSuspect))
        {
            // Nobody knows what became of it, or the token is too old: it waits until there is another way.
            _carrier = null;
            entry.IsSuspect |= refusal is not null;
            _owner.Update(entry, entry.Send with { Status = PendingStatus.Queued, Error = refusal ?? entry.Send.Error });
            if (refusal is not null) _owner.Unauthorized();
        }
        else if (refusal.IsRetryable && entry.Refusals < MaxRetries)
        {
            _metrics.Repeated();
            entry.Refusals++;
            var pause = _pauseAfter(entry.Refusals);
            _pause.Set(refusal.RetryAfter > pause ? refusal.RetryAfter.Value : pause);
            _owner.Update(entry, entry.Send with { Status = PendingStatus.Queued, Error = refusal });
        }
        else
        {
            _metrics.Refused();
            _owner.Refused(entry, refusal);
        }
    }
}
