using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// For a store that other servers write to as well: they may have erased the run, so the store is asked about what is known here, and all
/// that matters is whether it should be. A hash of the id is enough for that: two ids that share one cost a look, and nothing else. The
/// ids are looked up with each publish, so they take little memory.
/// </summary>
/// <param name="capacity">How many ids are kept; up to twice as many.</param>
internal sealed class RecentIds(int capacity) : IRecent
{
    private HashSet<int> _newer = [];
    private HashSet<int> _older = [];

    public bool TryRecognise(in Append append, out Appended appended)
    {
        appended = default;
        return false;
    }

    public bool MayBeThere(in Append append)
    {
        var hash = KeyedGuids.Hash(append.MessageId);
        return _newer.Contains(hash) || _older.Contains(hash);
    }

    public void Remember(in Append append, in Appended appended)
    {
        _newer.Add(KeyedGuids.Hash(append.MessageId));
        if (_newer.Count < capacity) return;
        (_newer, _older) = (_older, _newer);
        _newer.Clear();
    }

    public void Forget(Guid runId)
    {
        // The store knows better, and is asked.
    }
}
