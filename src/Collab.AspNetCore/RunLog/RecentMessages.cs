using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// The newest commits of one writer by message id. Resends come in bursts, one with every reconnect, and each that reaches the store rolls a
/// whole batch back; this bounded memory answers them first. The store's unique key stays the truth; where other servers write to it too, it is asked about what is known here, for they may have erased the run.
/// </summary>
/// <param name="capacity">How many ids are kept.</param>
/// <param name="isCurrent">Whether a run still has the log of an epoch.</param>
internal sealed class RecentMessages(int capacity, Func<Guid, Guid, bool> isCurrent)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Guid RunId, Guid MessageId), Committed> _known = new(KeyedGuids.Instance);
    private readonly Queue<(Guid RunId, Guid MessageId)> _oldestFirst = new();

    /// <summary>If the event is known, and its log not erased since, answers it: it is a repeat, or has another event's id.</summary>
    public bool TryRecognise(PendingAppend append)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue((append.RunId, append.MessageId), out var first) || !isCurrent(append.RunId, first.Epoch)) return false;
            append.Repeats(first.Sequence, first.Timestamp, first.Epoch, first.UserId, first.EventType);
            return true;
        }
    }

    /// <summary>Whether an event with this id was committed, in this log or in one that was erased since.</summary>
    public bool Knows(PendingAppend append)
    {
        lock (_gate) return _known.ContainsKey((append.RunId, append.MessageId));
    }

    public void Remember(PendingAppend append)
    {
        lock (_gate)
        {
            var key = (append.RunId, append.MessageId);
            var isKnown = _known.TryGetValue(key, out var first);
            if (isKnown && first.Epoch == append.Epoch) return;
            if (!isKnown) _oldestFirst.Enqueue(key);
            _known[key] = new(append.Sequence, append.Timestamp, append.Epoch, append.UserId, append.EventType);
            if (_oldestFirst.Count > capacity) _known.Remove(_oldestFirst.Dequeue());
        }
    }

    /// <summary>The run was erased: its ids may be used again.</summary>
    public void Forget(Guid runId)
    {
        lock (_gate)
        {
            foreach (var key in _known.Keys.Where(k => k.RunId == runId).ToList()) _known.Remove(key);
        }
    }

    private readonly record struct Committed(long Sequence, long Timestamp, Guid Epoch, string UserId, string EventType);
}
