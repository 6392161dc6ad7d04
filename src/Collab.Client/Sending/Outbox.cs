using System.Text.Json;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>What this client has to say, in its order, and whose it is: what another user has said stays. Used from turns only.</summary>
internal sealed class Outbox : ISenderOwner
{
    /// <summary>How often it is looked for sends that others have left behind.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(20);

    private readonly IOutboxOwner _owner;
    private readonly Guid _runId;
    private readonly int _maxQueued;
    private readonly TimeProvider _time;
    private readonly ClientMetrics _metrics;
    private readonly ILogger _logger;
    private readonly OutboxShelf _shelf;
    private readonly Alarm _look;
    private CollabException? _closed;
    private int _reported;

    /// <param name="owner">Told what happens.</param>
    /// <param name="runId">The run.</param>
    /// <param name="maxQueued">Sends that may wait.</param>
    /// <param name="strand">The turns.</param>
    /// <param name="surroundings">Time, metrics, where to log.</param>
    public Outbox(IOutboxOwner owner, Guid runId, int maxQueued, Strand strand, Surroundings surroundings)
    {
        (_owner, _runId, _maxQueued) = (owner, runId, maxQueued);
        (_time, _metrics, _logger) = (surroundings.Time, surroundings.Metrics, surroundings.Logger);
        _shelf = new OutboxShelf(owner.FileOf);
        Sender = new Sender(this, _shelf, strand, surroundings);
        _look = new Alarm(strand, _time, LookOut);
    }

    /// <summary>Sends them.</summary>
    public Sender Sender { get; }

    /// <summary>This user's, in order of sending; a list that never changes.</summary>
    public IReadOnlyList<PendingSend> Pending => Queue.Sends;

    public int QueuedCount => Queue.QueuedCount;

    /// <summary>What the last publishes say of the right to write; null: nothing yet.</summary>
    public bool? CanWrite { get; private set; }

    private OutboxQueue Queue => _shelf.Queue;

    /// <summary>
    /// Queues a publish. The promise is kept when it is acknowledged or refused for good. For a run that has ended nothing new is queued;
    /// what waits, or was sent before perhaps, the server judges.
    /// </summary>
    public void Add(
        Guid? messageId, string eventType, JsonElement data, long? basedOnSequence, TaskCompletionSource<PublishAck> promise)
    {
        if (_closed is null && messageId is null && _owner.HasEnded) promise.TrySetException(RunEnded());
        else if (_closed is not null) promise.TrySetException(_closed);
        else if (messageId is { } id && Queue.Find(id) is { } known) known.Await(promise);
        else if (QueuedCount >= _maxQueued) promise.TrySetException(new QueueFullException(_maxQueued));
        else
        {
            var send = new PendingSend(
                messageId ?? Guid.CreateVersion7(), eventType, data, _time.GetUtcNow(), PendingStatus.Queued, 0, null)
            {
                BasedOnSequence = basedOnSequence,
            };
            Add(new(send), promise);
        }
    }

    /// <summary>What is told who publishes to a run that has ended.</summary>
    public static CollabException RunEnded() => new(CollabErrorCode.RunEnded, "The run has ended and takes no more events.");

    /// <summary>Who speaks from now on: what another one has said stays for that one, and the callers that wait for it are told.</summary>
    public void BelongTo(string user)
    {
        if (user == _shelf.User) return;
        if (_shelf.User is not null)
            Park(new ConnectionClosedException("Another user has signed in. What waits is kept for the one who sent it."));
        _shelf.Change(user);
        Changed();
        Save();
        if (Queue.File is not null && _closed is null) LookOut();
        Sender.Pump();
    }

    /// <summary>
    /// Sends a refused send again, after all that wait. What stood against it is known now: only what comes after that does again.
    /// </summary>
    public void Retry(Guid messageId, JsonElement? data = null)
    {
        if (Queue.Find(messageId) is not { Send.Status: PendingStatus.Refused } entry) return;
        Queue.Remove(entry);
        var send = entry.Send.Error?.Code == CollabErrorCode.Conflict ? OwnSends.Knowing(entry.Send) : entry.Send;
        Add(new(send with { Status = PendingStatus.Queued, Error = null, Data = data ?? send.Data }));
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
        Sender.Pump();
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
        _owner.Changed();
    }

    /// <summary>Nothing is sent any more; what waits stays, and the callers that wait for it are told.</summary>
    public void Close(CollabException error)
    {
        _closed = error;
        Sender.Stop();
        Park(error);
        Report(0);
    }

    private void Add(OutboxEntry entry, TaskCompletionSource<PublishAck>? promise = null)
    {
        if (promise is not null) entry.Await(promise);
        Queue.Add(entry);
        Changed();
        Sender.Pump();
    }

    void ISenderOwner.Update(OutboxEntry entry, PendingSend send) => Update(entry, send);

    void ISenderOwner.Acknowledged(OutboxEntry entry, PublishAck ack)
    {
        CanWrite = true;
        Queue.Remove(entry);
        Changed();
        entry.Acknowledge(ack);
    }

    void ISenderOwner.Refused(OutboxEntry entry, CollabException refusal)
    {
        _logger.SendRefused(_runId, entry.Send.MessageId, refusal.CodeText);
        if (refusal.Code == CollabErrorCode.Forbidden) CanWrite = false;
        Update(entry, entry.Send with { Status = PendingStatus.Refused, Error = refusal });
        Queue.ForgetOldRefused();
        Changed();
        entry.Fail(refusal);
    }

    void ISenderOwner.Unauthorized() => _owner.Unauthorized();

    void ISenderOwner.TellServerTime(DateTimeOffset now) => _owner.TellServerTime(now);

    /// <summary>What waits stays for this user, here or in another process.</summary>
    private void Park(CollabException told)
    {
        Sender.TakeBack();
        _look.Stop();
        Queue.FailAll(told);
        Queue.IsSaved = false;
        Queue.Save();
        Queue.File?.Release();
    }

    /// <summary>Other processes end at any time, and no one tells.</summary>
    private void LookOut()
    {
        _look.Set(LookInterval);
        Adopt();
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
        _owner.Changed();
    }

    private void Report(int queued)
    {
        _metrics.Queued(queued - _reported);
        _reported = queued;
    }
}
