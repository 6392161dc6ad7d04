using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// Sends what waits, in its order. One batch is under way at a time: the server may refuse a send for the moment (<c>rate_limited</c>,
/// <c>overloaded</c>, <c>unavailable</c>) and accept the one after it a millisecond later, so a client that sends ahead cannot keep the
/// order. Within a batch the server takes nothing behind such a refusal. Sends whose answer was lost are repeated under the same ids,
/// before all others. Used from turns only.
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
    private readonly OwnSends _own = new();
    private ICarrier? _carrier;

    /// <summary>As whom the server takes what is sent.</summary>
    private string? _user;

    /// <summary>The sends that are under way.</summary>
    private OutboxEntry[] _current = [];

    /// <summary>How many go together at most: as many as the server had room for last, and more from then on.</summary>
    private int _most = Batch.Most;

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
        var batch = _current;
        _current = [];
        Requeue(batch);
    }

    /// <summary>Sends the next ones, if there are any and a way to send them.</summary>
    public void Pump()
    {
        if (_carrier is not { } carrier || _user != _shelf.User || _current.Length > 0 || _pause.IsSet) return;
        foreach (var entry in _shelf.Queue.Queued.ToArray())
        {
            var basedOn = _own.WithOwn(entry.Send.BasedOnSequence);
            if (basedOn != entry.Send.BasedOnSequence) _owner.Update(entry, entry.Send with { BasedOnSequence = basedOn });
        }
        var batch = Batch.From(_shelf.Queue.Queued, _most, entry => _own.MayClash(entry.Send.BasedOnSequence));
        if (batch.Length > 0) _strand.Begin(() => SendAsync(batch, carrier));
    }

    private async Task SendAsync(OutboxEntry[] batch, ICarrier carrier)
    {
        _current = batch;
        foreach (var entry in batch)
            _owner.Update(entry, entry.Send with { Status = PendingStatus.Sending, Attempts = entry.Send.Attempts + 1 });
        try
        {
            var results = await carrier.PublishAsync([.. batch.Select(entry => entry.Send)], _shelf.User ?? "");
            if (IsCurrent()) Answered(batch, results);
        }
        catch (Exception e) when (e is CollabException or NoAnswerException)
        {
            if (IsCurrent()) RefusedAsOne(batch, e as CollabException);
        }
        Pump();

        bool IsCurrent() => _current == batch && _carrier == carrier;
    }

    /// <summary>
    /// Takes each answer in its turn, up to a refusal for the moment: what is behind that was not taken, and waits with it.
    /// </summary>
    private void Answered(OutboxEntry[] batch, IReadOnlyList<PublishResult> results)
    {
        _current = [];
        var refusals = results.Select(result => result.Error is { } error ? CollabException.Of(error) : null).ToArray();
        var end = refusals.TakeWhile(refusal => refusal is not { IsRetryable: true }).Count();
        _most = end == batch.Length ? Math.Min(Batch.Most, 2 * _most) : Math.Max(1, end);
        Requeue(batch.Skip(end + 1));
        foreach (var (entry, result, refusal) in batch.Zip(results, refusals).Take(end + 1))
        {
            if (refusal is not null) Failed(entry, refusal);
            else Acknowledged(entry, result.Ack!);
        }
    }

    /// <summary>The first one goes alone next: each is refused for what it is.</summary>
    private void RefusedAsOne(OutboxEntry[] batch, CollabException? refusal)
    {
        _current = [];
        if (refusal is not null) _most = 1;
        Requeue(batch.Skip(1));
        Failed(batch[0], refusal);
    }

    private void Requeue(IEnumerable<OutboxEntry> entries)
    {
        foreach (var entry in entries) _owner.Update(entry, entry.Send with { Status = PendingStatus.Queued });
    }

    private void Acknowledged(OutboxEntry entry, PublishAck ack)
    {
        _metrics.Acknowledged();
        _own.Add(ack);
        _owner.Acknowledged(entry, ack);
    }

    private void Failed(OutboxEntry entry, CollabException? refusal)
    {
        if (refusal is null || (refusal.Code == CollabErrorCode.Unauthorized && !entry.IsSuspect))
        {
            // Nobody knows what became of it, or the token is too old: it waits until there is another way.
            _carrier = null;
            entry.IsSuspect |= refusal is not null;
            _owner.Update(entry, entry.Send with { Status = PendingStatus.Queued, Error = refusal ?? entry.Send.Error });
            if (refusal is not null) _owner.Unauthorized();
        }
        else if (refusal.ServerTime is { } now && !entry.WasOfWrongTime)
        {
            // This machine's clock is wrong, and the server says by how much: it is signed again, with the right time.
            entry.WasOfWrongTime = true;
            _owner.TellServerTime(now);
            _owner.Update(entry, entry.Send with { Status = PendingStatus.Queued, Error = refusal });
        }
        else if (refusal.Code == CollabErrorCode.Conflict && _own.AreAll(refusal.ConflictingEvents)
            && OwnSends.Knowing(entry.Send with { Error = refusal }) is var knowing && knowing.BasedOnSequence > entry.Send.BasedOnSequence)
        {
            _owner.Update(entry, knowing with { Status = PendingStatus.Queued, Error = null });
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
