namespace Collab.AspNetCore.Monitoring;

/// <summary>The connections that ended last. <see cref="ConnectionMonitor"/>'s lock guards it.</summary>
internal sealed class EndedConnections
{
    /// <summary>So many are kept at most; the one that ended first goes first.</summary>
    public const int Capacity = 10_000;

    private readonly Queue<ConnectionRecord> _inOrder = new();
    private readonly Dictionary<string, ConnectionRecord> _byId = new(StringComparer.Ordinal);

    public int Count => _inOrder.Count;

    /// <summary>Newest first.</summary>
    public IEnumerable<ConnectionRecord> NewestFirst => _inOrder.Reverse();

    public void Add(ConnectionRecord record)
    {
        if (_inOrder.Count == Capacity) RemoveOldest();
        _inOrder.Enqueue(record);
        _byId[record.SessionId] = record;
    }

    public ConnectionRecord? Find(string sessionId) => _byId.GetValueOrDefault(sessionId);

    /// <summary>Forgets what ended at or before a time, by the monotonic clock.</summary>
    /// <returns>How many were forgotten.</returns>
    public int Forget(long before)
    {
        var forgotten = 0;
        for (; _inOrder.TryPeek(out var oldest) && oldest.EndedAt <= before; forgotten++) RemoveOldest();
        return forgotten;
    }

    private void RemoveOldest() => _byId.Remove(_inOrder.Dequeue().SessionId);
}
