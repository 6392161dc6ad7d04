namespace Collab.Client;

/// <summary>The sends of one user in their order, found by their id.</summary>
internal sealed class OutboxQueue
{
    /// <summary>Refused sends that wait for a decision; older ones are forgotten, their callers know.</summary>
    private const int MaxRefused = 50;

    private readonly LinkedList<OutboxEntry> _entries = new();
    private readonly Dictionary<Guid, LinkedListNode<OutboxEntry>> _byId = [];
    private IReadOnlyList<PendingSend>? _sends = [];
    private int _refused;

    /// <summary>Where they are kept; null: in memory only.</summary>
    public QueueFile? File { get; init; }

    /// <summary>Whether all that is to be kept is.</summary>
    public bool IsSaved { get; set; } = true;

    /// <summary>A list that never changes.</summary>
    public IReadOnlyList<PendingSend> Sends => _sends ??= [.. _entries.Select(entry => entry.Send)];

    public int QueuedCount => _entries.Count - _refused;

    public OutboxEntry? Find(Guid messageId) => _byId.GetValueOrDefault(messageId)?.Value;

    /// <summary>What waits, in its order.</summary>
    public IEnumerable<OutboxEntry> Queued => _entries.Where(entry => entry.Send.Status == PendingStatus.Queued);

    public void Add(OutboxEntry entry)
    {
        _byId.Add(entry.Send.MessageId, _entries.AddLast(entry));
        Count(entry, 1);
    }

    /// <summary>Puts older ones before all others, but for those that are here already.</summary>
    public void AddFirst(IEnumerable<OutboxEntry> older)
    {
        var first = _entries.First;
        foreach (var entry in older.Where(entry => !_byId.ContainsKey(entry.Send.MessageId)))
        {
            _byId.Add(entry.Send.MessageId, first is null ? _entries.AddLast(entry) : _entries.AddBefore(first, entry));
            Count(entry, 1);
        }
    }

    /// <summary>Adds what another one holds, in its order, but for those that are here already.</summary>
    public void TakeOver(OutboxQueue other)
    {
        foreach (var entry in other._entries.Where(entry => !_byId.ContainsKey(entry.Send.MessageId))) Add(entry);
        IsSaved = false;
    }

    /// <summary>Keeps what has changed.</summary>
    public void Save()
    {
        if (File is null || IsSaved) return;
        IsSaved = true;
        File.Save(Sends.Select(KeptSend.Of));
    }

    public void Remove(OutboxEntry entry)
    {
        if (!_byId.Remove(entry.Send.MessageId, out var node)) return;
        _entries.Remove(node);
        Count(entry, -1);
    }

    public void Update(OutboxEntry entry, PendingSend send)
    {
        if (!_byId.ContainsKey(entry.Send.MessageId)) return;
        Count(entry, -1);
        entry.Send = send;
        Count(entry, 1);
    }

    public void ForgetOldRefused()
    {
        var old = _entries.Where(entry => entry.Send.Status == PendingStatus.Refused).Take(Math.Max(0, _refused - MaxRefused)).ToArray();
        foreach (var entry in old) Remove(entry);
    }

    public void FailAll(CollabException error)
    {
        foreach (var entry in _entries) entry.Fail(error);
    }

    private void Count(OutboxEntry entry, int more)
    {
        if (entry.Send.Status == PendingStatus.Refused) _refused += more;
        _sends = null;
    }
}
