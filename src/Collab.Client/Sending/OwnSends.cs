using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// The newest sends of this client that were stored. What was published one after the other while away is based on the same event, and the
/// first of it would stand against the second.
/// </summary>
internal sealed class OwnSends
{
    private const int Most = 1000;

    private readonly HashSet<Guid> _ids = [];
    private readonly Queue<Guid> _oldestFirst = new();

    public void Add(Guid messageId)
    {
        if (!_ids.Add(messageId)) return;
        _oldestFirst.Enqueue(messageId);
        if (_oldestFirst.Count > Most) _ids.Remove(_oldestFirst.Dequeue());
    }

    /// <summary>Whether events are this client's, all of them.</summary>
    public bool AreAll(IReadOnlyList<CollaborationEvent> events) =>
        events.Count > 0 && events.All(e => _ids.Contains(e.MessageId));

    /// <summary>The send, based on what stood against it; on nothing where that is not known.</summary>
    public static PendingSend Knowing(PendingSend send) =>
        send with { BasedOnSequence = send.Error!.ConflictingEvents.Max(e => e.SequenceNumber) };
}
