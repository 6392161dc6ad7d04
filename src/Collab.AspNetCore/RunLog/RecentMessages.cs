using System.Runtime.InteropServices;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// For a store that this server alone writes to: the newest commits by message id, whose repeats are answered from here.
/// </summary>
/// <param name="capacity">How many ids are kept.</param>
/// <param name="isCurrent">Whether a run still has the log of an epoch.</param>
internal sealed class RecentMessages(int capacity, Func<Guid, Guid, bool> isCurrent) : IRecent
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Guid RunId, Guid MessageId), Known> _known = new(KeyedGuids.Instance);
    private readonly Queue<(Guid RunId, Guid MessageId)> _oldestFirst = new();

    /// <summary>
    /// What is known of an event with this id, if its log was not erased since: the append is its repeat, or has another event's id.
    /// </summary>
    public bool TryRecognise(in Append append, out Appended appended)
    {
        lock (_gate)
        {
            appended = default;
            if (!_known.TryGetValue((append.RunId, append.MessageId), out var first)) return false;
            if (!isCurrent(append.RunId, first.Appended.Epoch)) return false;
            appended = append.Meets(first.Appended, first.UserId, first.EventType);
            return true;
        }
    }

    /// <summary>What is not recognised is of a log that was erased.</summary>
    public bool MayBeThere(in Append append) => false;

    public void Remember(in Append append, in Appended appended)
    {
        lock (_gate)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, (append.RunId, append.MessageId), out var isKnown);
            if (isKnown && known.Appended.Epoch == appended.Epoch) return;
            known = new(appended with { Signature = null }, append.UserId, append.EventType);
            if (isKnown) return;
            _oldestFirst.Enqueue((append.RunId, append.MessageId));
            if (_oldestFirst.Count > capacity) _known.Remove(_oldestFirst.Dequeue());
        }
    }

    public void Forget(Guid runId)
    {
        lock (_gate)
        {
            foreach (var key in _known.Keys.Where(k => k.RunId == runId).ToList()) _known.Remove(key);
        }
    }

    private readonly record struct Known(Appended Appended, string UserId, string EventType);
}
