using System.Runtime.InteropServices;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// Folds a run's critical events into its state, one after the other. Every path uses this one rule: the running server, the trimmer and the load after a
/// restart, and the .NET client. What a run may name is bounded by <see cref="StateBounds"/>.
/// </summary>
internal sealed class StateFold
{
    private readonly StepMap<GraftEntry> _grafts;
    private readonly StepMap<FlagEntry> _flags;
    private readonly PrunedSteps _prunedSteps;
    private RunState? _state;
    private byte[]? _json;

    public StateFold(RunState? start = null)
    {
        start ??= RunState.Empty;
        AsOfSequence = start.AsOfSequence;
        _grafts = new(start.Grafts, g => g.SequenceNumber, g => g.AgentName.Length + g.UserId.Length);
        _flags = new(start.Flags, f => f.SequenceNumber, f => (f.Note?.Length ?? 0) + f.UserId.Length);
        _prunedSteps = new(start.PrunedSteps);
    }

    /// <summary>The last event that is folded in.</summary>
    public long AsOfSequence { get; private set; }

    /// <summary>The state, which never changes; the same object until an event does.</summary>
    public RunState State => _state ??= new(AsOfSequence, _grafts.Copy, _prunedSteps.Copy, _flags.Copy);

    /// <summary>Folds in one more event. Nothing happens for an ephemeral one, and for one that is folded in already.</summary>
    public void Apply(CollaborationEvent e)
    {
        if (e.SequenceNumber is not { } sequence || sequence <= AsOfSequence) return;
        Apply(sequence, e.EventType, e.UserId, e.Data.ValueKind is JsonValueKind.Object ? JsonMarshal.GetRawUtf8Value(e.Data) : "{}"u8);
    }

    /// <summary>Folds in the next event.</summary>
    /// <param name="sequence">Higher than that of any event before.</param>
    /// <param name="eventType">Its type.</param>
    /// <param name="userId">By whom it is.</param>
    /// <param name="data">An object, as JSON.</param>
    public void Apply(long sequence, string eventType, string userId, ReadOnlySpan<byte> data)
    {
        switch (eventType)
        {
            case EventTypes.Graft when JsonFields.GetString(data, "after") is { } after:
                _grafts.Put(after, new(JsonFields.GetString(data, "agentName") ?? "", userId, sequence));
                break;
            case EventTypes.Flag when JsonFields.GetString(data, "stepId") is { } flagged:
                _flags.Put(flagged, new(JsonFields.GetString(data, "note"), userId, sequence));
                break;
            case EventTypes.Prune when JsonFields.GetString(data, "stepId") is { } pruned:
                _prunedSteps.Put(pruned, JsonFields.GetBoolean(data, "isPruned") == true);
                break;
        }
        AsOfSequence = sequence;
        (_state, _json) = (null, null);
    }

    /// <summary>The state as JSON, as stored and as sent.</summary>
    public byte[] ToJson() => _json ??= JsonSerializer.SerializeToUtf8Bytes(
        new RunState(AsOfSequence, _grafts.Steps, _prunedSteps.Steps, _flags.Steps), CollabJson.Default.RunState);

    /// <summary>The stored form; <c>{}</c> is the state before the first fold.</summary>
    public static StateFold Parse(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("{}"u8)) return new();
        return new(JsonSerializer.Deserialize(json, CollabJson.Default.RunState));
    }
}
