using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>
/// Folds a run's critical events into its state, one after the other. Every path uses this one rule: the running server, the trimmer and
/// the load after a restart, and the clients have the same. What a run may name is bounded by <see cref="StateBounds"/>.
/// </summary>
internal sealed class StateFold
{
    private readonly StepMap<Graft> _grafts;
    private readonly StepMap<Flag> _flags;
    private readonly List<string> _prunedSteps;
    private long _prunedLength;
    private byte[]? _json;

    public StateFold(RunState? start = null)
    {
        start ??= RunState.Empty;
        AsOfSequence = start.AsOfSequence;
        _grafts = new(start.Grafts, g => g.SequenceNumber, g => g.AgentName.Length + g.UserId.Length);
        _flags = new(start.Flags, f => f.SequenceNumber, f => (f.Note?.Length ?? 0) + f.UserId.Length);
        _prunedSteps = [.. start.PrunedSteps];
        _prunedLength = _prunedSteps.Sum(step => (long)step.Length);
    }

    /// <summary>The last event that is folded in.</summary>
    public long AsOfSequence { get; private set; }

    public void Apply(LoggedEvent e) => Apply(e.Sequence, e.EventType, e.UserId, e.Data);

    public void Apply(long sequence, string eventType, string userId, ReadOnlySpan<byte> data)
    {
        switch (eventType)
        {
            case EventTypes.Graft when EventData.GetString(data, "after") is { } after:
                _grafts.Put(after, new(EventData.GetString(data, "agentName") ?? "", userId, sequence));
                break;
            case EventTypes.Flag when EventData.GetString(data, "stepId") is { } flagged:
                _flags.Put(flagged, new(EventData.GetString(data, "note"), userId, sequence));
                break;
            case EventTypes.Prune when EventData.GetString(data, "stepId") is { } pruned:
                Prune(pruned, EventData.GetBoolean(data, "isPruned") == true);
                break;
        }
        AsOfSequence = sequence;
        _json = null;
    }

    /// <summary>The state as JSON, as stored and as sent.</summary>
    public byte[] ToJson() => _json ??= JsonSerializer.SerializeToUtf8Bytes(new RunState(AsOfSequence, _grafts.Steps, _prunedSteps, _flags.Steps), CollabJson.Default.RunState);

    /// <summary>The stored form; <c>{}</c> is the state before the first fold.</summary>
    public static StateFold Parse(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("{}"u8)) return new();
        return new(JsonSerializer.Deserialize(json, CollabJson.Default.RunState));
    }

    private void Prune(string step, bool isPruned)
    {
        if (_prunedSteps.Remove(step)) _prunedLength -= step.Length;
        if (!isPruned) return;
        _prunedSteps.Add(step);
        _prunedLength += step.Length;
        while (StateBounds.AreExceeded(_prunedSteps.Count, _prunedLength))
        {
            _prunedLength -= _prunedSteps[0].Length;
            _prunedSteps.RemoveAt(0);
        }
    }
}
