using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Takes the rows of a run in order and keeps the newest, whatever number the trimmer has left: memory stays bounded, and the state sees
/// each one.
/// </summary>
internal sealed class RunSnapshotBuilder(
    Guid runId, Guid epoch, long lastSequence, long foldedSequence, StateFold state, int keep, Moments? moments = null)
{
    private readonly Queue<LoggedEvent> _events = new();

    public void Add(
        long sequence, Guid messageId, string userId, string? userName, string eventType, long timestamp, ReadOnlySpan<byte> data)
    {
        moments?.Before(sequence, state);
        if (keep == 0 && !state.NeedsEvents)
        {
            if (sequence > state.AsOfSequence) state.Apply(sequence, eventType, userId, EventDataReader.Compact(data));
            return;
        }
        var logged = new LoggedEvent(runId, sequence, eventType, userId, userName, timestamp, messageId, EventDataReader.Compact(data));
        if (sequence > state.AsOfSequence) state.Apply(logged);
        if (keep == 0) return;
        _events.Enqueue(logged);
        if (_events.Count > keep) _events.Dequeue();
    }

    public RunSnapshot Build() => new(epoch, lastSequence, foldedSequence, state, _events);
}
