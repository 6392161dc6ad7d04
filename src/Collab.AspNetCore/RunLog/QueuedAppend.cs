using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// An append in the queue, and its publisher's wait for the acknowledgement. One object per publish: it is its own <see cref="ValueTask"/>
/// source. What waits for it goes on where it is completed, so only <see cref="Acknowledgements"/> may do that.
/// </summary>
internal sealed class QueuedAppend(in Append append, long queuedAt, AppendGroup? group = null) : IValueTaskSource<PublishAck>
{
    private readonly Append _append = append;
    private readonly Activity? _trace = CollabTracing.StartPublish(append.RunId, append.EventType);
    private ManualResetValueTaskSourceCore<PublishAck> _completion;
    private Appended _appended;
    private RefusedException? _refusal;
    private long _unansweredAttempt = long.MinValue;

    public ref readonly Append Append => ref _append;

    public Guid RunId => _append.RunId;

    /// <summary>When it was queued, a timestamp of the server's clock.</summary>
    public long QueuedAt { get; } = queuedAt;

    /// <summary>Its span; null if nobody traces.</summary>
    public Activity? Trace => _trace;

    /// <summary>What it was queued with; null: nothing, and its publisher waits for it alone.</summary>
    public AppendGroup? Group { get; } = group;

    public ValueTask<PublishAck> Acknowledgement => new(this, _completion.Version);

    /// <summary>Whether it will not be stored, or nobody knows.</summary>
    public bool IsRefused => _refusal is not null;

    /// <summary>Why; null: it is in the log, or nobody knows yet.</summary>
    public RefusedException? Refusal => _refusal;

    /// <summary>What the log had under its id.</summary>
    public Found Found => _appended.Found;

    /// <summary>
    /// An attempt with this time ended without an answer. If the id turns up in the store with that time, the attempt had succeeded, and
    /// this is no repeat.
    /// </summary>
    public void Unanswered(long timestamp) => _unansweredAttempt = timestamp;

    /// <summary>The event is in the log, or another one has its id.</summary>
    public void Answer(in Appended appended)
    {
        _appended = appended;
        if (appended.Found == Found.Another)
            Refuse(RefusedException.Invalid("messageId: another event of this run has it. Give each event an id of its own."));
        else if (appended.Found == Found.End) Refuse(RefusedException.RunEnded());
        else if (appended.Found == Found.Clash) Refuse(Clashes.Refusal(_append.Basis!.Sequence, appended));
        else if (appended.Found == Found.AnotherInGroup) Refuse(RefusedException.Invalid("Another event of the batch was refused."));
    }

    /// <summary>The event will not be stored, or nobody knows.</summary>
    public void Refuse(RefusedException reason)
    {
        _refusal = reason;
        Group?.Refused(reason);
    }

    /// <summary>Ends as the first one with this id ended, as its repeat.</summary>
    public void Follow(QueuedAppend first)
    {
        var met = _append.Meets(first._appended, first._append.UserId, first._append.EventType);
        if (first.Found == Found.End) Answer(first._appended);
        else if (first._refusal is null) Answer(met);
        // What was wrong with another's event, or with one that came with it, says nothing about this one.
        else Refuse(met.Found == Found.Itself && first.Group is not { IsAtomic: true } ? first._refusal : RefusedException.Unavailable());
    }

    /// <summary>Tells the publisher what has become of the event.</summary>
    public void Complete()
    {
        if (_trace is not null) CollabTracing.EndPublish(_trace, _appended.Sequence, _refusal?.Message);
        if (Group is not null) Group.Completed(this);
        else if (_refusal is { } reason) _completion.SetException(reason);
        else _completion.SetResult(Ack());
    }

    /// <summary>What its publisher hears if it is in the log.</summary>
    public PublishAck Ack()
    {
        var isRepeat = _appended.Found == Found.Itself && _appended.Timestamp != _unansweredAttempt;
        return new(_append.MessageId, _appended.Sequence, _appended.Timestamp, isRepeat);
    }

    PublishAck IValueTaskSource<PublishAck>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<PublishAck>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<PublishAck>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _completion.OnCompleted(continuation, state, token, flags);
}
