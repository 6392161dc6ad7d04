using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Takes the rows of a run in order and keeps the newest, whatever number the trimmer has left: memory stays bounded, and the state sees
/// each one.
/// </summary>
internal sealed class RunSnapshotBuilder
{
    private readonly Queue<LoggedEvent> _events = new();
    private readonly Guid _runId;
    private readonly Guid _epoch;
    private readonly long _lastSequence;
    private readonly long _foldedSequence;
    private readonly StateFold _state;
    private readonly int _keep;

    /// <summary>What the run began as a copy of; null: of nothing.</summary>
    public BranchOrigin? BranchedFrom { get; init; }

    public RunSnapshotBuilder(Guid runId, Guid epoch, long lastSequence, long foldedSequence, StateFold state, int keep) =>
        (_runId, _epoch, _lastSequence, _foldedSequence, _state, _keep) = (runId, epoch, lastSequence, foldedSequence, state, keep);

    public void Add(
        long sequence, Guid messageId, string userId, string? userName, string eventType, long timestamp, ReadOnlySpan<byte> data,
        string? signature)
    {
        var logged = new LoggedEvent(
            _runId, sequence, eventType, userId, userName, timestamp, messageId, EventDataReader.Compact(data), signature);
        if (sequence > _state.AsOfSequence) _state.Apply(logged);
        _events.Enqueue(logged);
        if (_events.Count > _keep) _events.Dequeue();
    }

    public RunSnapshot Build() => new(_epoch, _lastSequence, _foldedSequence, _state, _events) { BranchedFrom = BranchedFrom };
}
