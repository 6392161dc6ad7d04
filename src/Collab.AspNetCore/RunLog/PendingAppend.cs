using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// A critical event on its way to the store, and its publisher's wait for the acknowledgement. One object per publish: it is its own
/// <see cref="ValueTask"/> source. What waits for it goes on where it is completed, so only <see cref="Acknowledgements"/> may do that.
/// </summary>
internal sealed class PendingAppend(Guid runId, Guid messageId, string eventType, string userId, string? userName, byte[] data)
    : IValueTaskSource<PublishAck>
{
    private ManualResetValueTaskSourceCore<PublishAck> _completion;
    private RefusedException? _refusal;

    public Guid RunId { get; } = runId;

    public Guid MessageId { get; } = messageId;

    public string EventType { get; } = eventType;

    public string UserId { get; } = userId;

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; } = userName;

    public byte[] Data { get; } = data;

    /// <summary>When it was queued, a timestamp of the server's clock.</summary>
    public long QueuedAt { get; set; }

    /// <summary>Its span; null if nobody traces.</summary>
    public Activity? Trace { get; set; }

    /// <summary>Set by the store: the event's place in its run.</summary>
    public long Sequence { get; set; }

    /// <summary>Set by the store: Unix milliseconds at commit, of the first one if this is a duplicate.</summary>
    public long Timestamp { get; set; }

    /// <summary>Set by the store: the identity of the log that the event was committed to.</summary>
    public Guid Epoch { get; set; }

    /// <summary>Set by the store: an event with this id was there already.</summary>
    public bool IsDuplicate { get; set; }

    /// <summary>
    /// The time of an earlier attempt that ended without an answer. If the id turns up in the store with that time, the attempt had succeeded, and this is
    /// no repeat.
    /// </summary>
    public long? UnansweredAttempt { get; set; }

    public ValueTask<PublishAck> Acknowledgement => new(this, _completion.Version);

    /// <summary>The event will not be stored, or nobody knows.</summary>
    public void Refuse(RefusedException reason) => _refusal = reason;

    /// <summary>Whether it will not be stored, or nobody knows.</summary>
    public bool IsRefused => _refusal is not null;

    /// <summary>An event with this id is in the run already: this is its repeat, or somebody else has used the id.</summary>
    public void Repeats(long sequence, long timestamp, Guid epoch, string userId, string eventType)
    {
        if (userId == UserId && eventType == EventType) (Sequence, Timestamp, Epoch, IsDuplicate) = (sequence, timestamp, epoch, true);
        else Refuse(RefusedException.Invalid("messageId: another event of this run has it. Give each event an id of its own."));
    }

    /// <summary>Ends as the first one with this id ended, as its repeat.</summary>
    public void Follow(PendingAppend first)
    {
        if (first._refusal is null) Repeats(first.Sequence, first.Timestamp, first.Epoch, first.UserId, first.EventType);
        // What was wrong with another's event says nothing about this one.
        else Refuse(first.UserId == UserId && first.EventType == EventType ? first._refusal : RefusedException.Unavailable());
    }

    /// <summary>Tells the publisher what has become of the event.</summary>
    public void Complete()
    {
        if (Trace is { } trace) CollabTracing.EndPublish(trace, this, _refusal);
        if (_refusal is { } reason) _completion.SetException(reason);
        else _completion.SetResult(new(MessageId, Sequence, Timestamp, IsDuplicate && Timestamp != UnansweredAttempt));
    }

    PublishAck IValueTaskSource<PublishAck>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<PublishAck>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<PublishAck>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
