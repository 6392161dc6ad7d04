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
    private readonly HashSet<long> _numbers = [];
    private readonly Queue<(Guid Id, long Number)> _oldestFirst = new();
    private long _newest;

    public void Add(PublishAck ack)
    {
        if (ack.SequenceNumber is not { } number || !_ids.Add(ack.MessageId)) return;
        _numbers.Add(number);
        _newest = Math.Max(_newest, number);
        _oldestFirst.Enqueue((ack.MessageId, number));
        if (_oldestFirst.Count <= Most) return;
        var oldest = _oldestFirst.Dequeue();
        _ids.Remove(oldest.Id);
        _numbers.Remove(oldest.Number);
    }

    /// <summary>What a send is based on, and what this client has sent itself directly after that.</summary>
    public long? WithOwn(long? basedOn)
    {
        while (basedOn is { } last && _numbers.Contains(last + 1)) basedOn = last + 1;
        return basedOn;
    }

    /// <summary>Whether one of this client's own may stand against what is based on this, others' lying between them.</summary>
    public bool MayClash(long? basedOn) => basedOn < _newest;

    /// <summary>Whether events are this client's, all of them.</summary>
    public bool AreAll(IReadOnlyList<CollaborationEvent> events) => events.Count > 0 && events.All(e => _ids.Contains(e.MessageId));

    /// <summary>The send, based on what stood against it; on nothing where that is not known.</summary>
    public static PendingSend Knowing(PendingSend send) =>
        send with { BasedOnSequence = send.Error!.ConflictingEvents.Max(e => e.SequenceNumber) };
}
