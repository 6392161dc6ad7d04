using System.Text.Json;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>How an outbox is made.</summary>
/// <param name="RunId">The run.</param>
/// <param name="MaxQueued">Sends that may wait.</param>
/// <param name="Pause">The wait after the n-th refusal of a send in a row.</param>
/// <param name="Changed">Something that applications see has changed.</param>
/// <param name="Unauthorized">The server does not take the token any more.</param>
/// <param name="FileOf">Where the sends of a user are kept; null: in memory only.</param>
internal sealed record OutboxOptions(Guid RunId, int MaxQueued, Func<int, TimeSpan> Pause, Action Changed, Action Unauthorized, Func<string, QueueFile?> FileOf);

/// <summary>
/// What this client has to say, in its order. One send is under way at a time: the server may refuse any of them for the moment (<c>rate_limited</c>,
/// <c>overloaded</c>, <c>unavailable</c>) and accept the one after it a millisecond later, so whoever sends ahead cannot keep the order. A send whose
/// answer was lost is repeated under the same id, before all others. Used from turns only.
/// </summary>
internal sealed class Outbox
{
    private const int MaxRetries = 3;

    /// <summary>How often it is looked for sends that others have left behind.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(20);

    private readonly OutboxOptions _options;
    private readonly Strand _strand;
    private readonly TimeProvider _time;
    private readonly ClientMetrics _metrics;
    private readonly ILogger _logger;
    private readonly OutboxShelf _shelf;
    private readonly Alarm _pause;
    private readonly Alarm _look;
    private ICarrier? _carrier;

    /// <summary>As whom the server takes what is sent.</summary>
    private string? _sender;

    /// <summary>The send that is under way.</summary>
    private OutboxEntry? _current;
    private CollabException? _closed;
    private int _reported;

    public Outbox(OutboxOptions options, Strand strand, TimeProvider time, ClientMetrics metrics, ILogger logger)
    {
        (_options, _strand, _time, _metrics, _logger) = (options, strand, time, metrics, logger);
        _shelf = new OutboxShelf(options.FileOf);
        _pause = new Alarm(strand, time, Pump);
        _look = new Alarm(strand, time, LookOut);
    }

    /// <summary>This user's, in order of sending; a list that never changes.</summary>
    public IReadOnlyList<PendingSend> Pending => Queue.Sends;

    public int QueuedCount => Queue.QueuedCount;

    /// <summary>What the last publishes say of the right to write; null: nothing yet.</summary>
    public bool? CanWrite { get; private set; }

    private OutboxQueue Queue => _shelf.Queue;

    /// <summary>Queues a publish. The promise is kept when it is acknowledged or refused for good.</summary>
    public void Add(Guid messageId, string eventType, JsonElement data, TaskCompletionSource<PublishAck> promise)
    {
        if (_closed is not null)
        {
            promise.TrySetException(_closed);
        }
        else if (Queue.Find(messageId) is { } known)
        {
            if (known.Send is { Status: PendingStatus.Refused, Error: { } refusal }) promise.TrySetException(refusal);
            else known.Await(promise);
        }
        else if (QueuedCount >= _options.MaxQueued)
        {
            promise.TrySetException(new QueueFullException(_options.MaxQueued));
        }
        else
        {
            var entry = new OutboxEntry(new(messageId, eventType, data, _time.GetUtcNow(), PendingStatus.Queued, 0, null));
            entry.Await(promise);
            Queue.Add(entry);
            Changed();
            Pump();
        }
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
        if (user == _sender) return;
        _sender = user;
        TakeBack();
        Pump();
    }

    /// <summary>Who speaks from now on: what another one has said stays for that one, and whoever waits for it is told.</summary>
    public void BelongTo(string user)
    {
        if (user == _shelf.User) return;
        if (_shelf.User is not null) Park(new ConnectionClosedException("Another user has signed in. What waits is kept for the one who sent it."));
        _shelf.Change(user);
        Changed();
        Save();
        if (Queue.File is not null && _closed is null) LookOut();
        Pump();
    }

    /// <summary>Sends a refused send again, after all that wait.</summary>
    public void Retry(Guid messageId)
    {
        if (Queue.Find(messageId) is not { Send.Status: PendingStatus.Refused } entry) return;
        Queue.Remove(entry);
        Queue.Add(new(entry.Send with { Status = PendingStatus.Queued, Error = null }));
        Changed();
        Pump();
    }

    /// <summary>Forgets a refused send.</summary>
    public void Discard(Guid messageId)
    {
        if (Queue.Find(messageId) is not { Send.Status: PendingStatus.Refused } entry) return;
        Queue.Remove(entry);
        Changed();
    }

    /// <summary>Takes over sends that processes which have ended left behind.</summary>
    public void Adopt() => Queue.File?.Adopt(kept =>
    {
        Queue.AddFirst(kept.Select(send => new OutboxEntry(send.ToPending())));
        Changed();
        Save();
        Pump();
    });

    /// <summary>Keeps what has changed.</summary>
    public void Save()
    {
        Queue.Save();
        // What a closed connection has is anybody's.
        if (_closed is not null) Queue.File?.Release();
    }

    /// <summary>For tests: what a process that ends without a word leaves.</summary>
    public void ReleaseFile() => Queue.File?.Release();

    /// <summary>What is said from now on is by whom the next token names.</summary>
    public void Open()
    {
        _closed = null;
        _shelf.Forget();
        Changed(inFile: false);
    }

    /// <summary>Another token is in use: what the server said of the last one's right to write is void.</summary>
    public void ForgetRight()
    {
        if (CanWrite is null) return;
        CanWrite = null;
        _options.Changed();
    }

    /// <summary>Nothing is sent any more; what waits stays, and whoever waits for it is told.</summary>
    public void Close(CollabException error)
    {
        _closed = error;
        Use(null);
        _pause.Stop();
        Park(error);
        Report(0);
    }

    /// <summary>What waits stays for this user, here or in another process.</summary>
    private void Park(CollabException told)
    {
        TakeBack();
        _look.Stop();
        Queue.FailAll(told);
        Queue.IsSaved = false;
        Queue.Save();
        Queue.File?.Release();
    }

    private void TakeBack()
    {
        var entry = _current;
        _current = null;
        if (entry is not null) Update(entry, entry.Send with { Status = PendingStatus.Queued });
    }

    /// <summary>Other processes end at any time, and no one tells.</summary>
    private void LookOut()
    {
        _look.Set(LookInterval);
        Adopt();
    }

    private void Pump()
    {
        if (_carrier is not { } carrier || _sender != _shelf.User || _current is not null || _pause.IsSet) return;
        if (Queue.FirstQueued() is { } entry) _strand.Begin(() => SendAsync(entry, carrier));
    }

    private async Task SendAsync(OutboxEntry entry, ICarrier carrier)
    {
        _current = entry;
        Update(entry, entry.Send with { Status = PendingStatus.Sending, Attempts = entry.Send.Attempts + 1 });
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
        _metrics.Acknowledged();
        _current = null;
        CanWrite = true;
        Queue.Remove(entry);
        Changed();
        entry.Acknowledge(ack);
    }

    private void Failed(OutboxEntry entry, CollabException? refusal)
    {
        _current = null;
        if (refusal is null || (refusal.Code == CollabErrorCode.Unauthorized && !entry.IsSuspect))
        {
            // Nobody knows what became of it, or the token is too old: it waits until there is another way.
            _carrier = null;
            entry.IsSuspect |= refusal is not null;
            Update(entry, entry.Send with { Status = PendingStatus.Queued, Error = refusal ?? entry.Send.Error });
            if (refusal is not null) _options.Unauthorized();
        }
        else if (refusal.IsRetryable && entry.Refusals < MaxRetries)
        {
            _metrics.Repeated();
            entry.Refusals++;
            var pause = _options.Pause(entry.Refusals);
            _pause.Set(refusal.RetryAfter > pause ? refusal.RetryAfter.Value : pause);
            Update(entry, entry.Send with { Status = PendingStatus.Queued, Error = refusal });
        }
        else
        {
            Refused(entry, refusal);
        }
    }

    private void Refused(OutboxEntry entry, CollabException refusal)
    {
        _metrics.Refused();
        _logger.SendRefused(_options.RunId, entry.Send.MessageId, refusal.CodeText);
        if (refusal.Code == CollabErrorCode.Forbidden) CanWrite = false;
        Update(entry, entry.Send with { Status = PendingStatus.Refused, Error = refusal });
        Queue.ForgetOldRefused();
        Changed();
        entry.Fail(refusal);
    }

    private void Update(OutboxEntry entry, PendingSend send)
    {
        Queue.Update(entry, send);
        Changed(inFile: send.Status == PendingStatus.Refused);
    }

    /// <param name="inFile">Whether what is kept has changed too, and not only how far it is.</param>
    private void Changed(bool inFile = true)
    {
        if (inFile) Queue.IsSaved = false;
        if (_closed is null) Report(QueuedCount);
        _options.Changed();
    }

    private void Report(int queued)
    {
        _metrics.Queued(queued - _reported);
        _reported = queued;
    }
}
