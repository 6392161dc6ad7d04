using System.Runtime.InteropServices;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// Folds a run's critical events into its state, one after the other. Every path uses this one rule: the running server, the trimmer and
/// the load after a restart, and the .NET client. What a run may name is bounded by <see cref="StateBounds"/>; what is folded beside it is
/// its <see cref="StateShape"/>.
/// </summary>
internal sealed class StateFold
{
    private readonly StateShape _shape;
    private readonly StepMap<GraftEntry> _grafts;
    private readonly StepMap<FlagEntry> _flags;
    private readonly PrunedSteps _prunedSteps;
    private readonly Dictionary<string, LatestFold>? _latest;
    private readonly OwnValue[] _own;
    private RunState? _state;
    private byte[]? _json;

    public StateFold(RunState? start = null, StateShape? shape = null)
    {
        start ??= RunState.Empty;
        _shape = shape ?? StateShape.BuiltIn;
        (AsOfSequence, HasEnded) = (start.AsOfSequence, start.Ended);
        _grafts = new(start.Grafts, g => g.SequenceNumber, g => g.AgentName.Length + g.UserId.Length);
        _flags = new(start.Flags, f => f.SequenceNumber, f => (f.Note?.Length ?? 0) + f.UserId.Length);
        _prunedSteps = new(start.PrunedSteps);
        if ((_shape.LatestBy ?? start.LatestBy) is { Count: > 0 } fields)
            _latest = fields.ToDictionary(f => f.Key, f => StartOf(start, f.Key, f.Value), StringComparer.Ordinal);
        _own = _shape.Own.Count == 0
            ? []
            : [.. _shape.Own.Select(own => own.Start(start.Own is { } stored && stored.TryGetValue(own.Name, out var json) ? json : null))];
    }

    /// <summary>The last event that is folded in.</summary>
    public long AsOfSequence { get; private set; }

    /// <summary>The event that closes the run is folded in: there will be no other.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>By type, the field that its newest event is kept by. Null: no type has one.</summary>
    public IReadOnlyDictionary<string, string>? LatestBy => Fields();

    /// <summary>Whether there are states of the application's, which are folded from whole events.</summary>
    public bool NeedsEvents => _own.Length > 0;

    /// <summary>The state, which never changes; the same object until an event does.</summary>
    public RunState State => _state ??= new(AsOfSequence, _grafts.Copy, _prunedSteps.Copy, _flags.Copy)
    {
        Ended = HasEnded,
        LatestBy = Fields(),
        Latest = _latest?.ToDictionary(l => l.Key, l => l.Value.Copy, StringComparer.Ordinal),
        Values = [.. _own],
    };

    /// <summary>Folds in one more event. Nothing happens for an ephemeral one, and for one that is folded in already.</summary>
    public void Apply(CollaborationEvent e)
    {
        if (e.SequenceNumber is not { } sequence || sequence <= AsOfSequence) return;
        Apply(sequence, e.EventType, e.UserId, e.Data.ValueKind is JsonValueKind.Object ? JsonMarshal.GetRawUtf8Value(e.Data) : "{}"u8, e);
    }

    /// <summary>Folds in the next event.</summary>
    /// <param name="sequence">Higher than that of any event before.</param>
    /// <param name="eventType">Its type.</param>
    /// <param name="userId">By whom it is.</param>
    /// <param name="data">An object, as JSON.</param>
    /// <param name="whole">All of it, where <see cref="NeedsEvents"/>.</param>
    public void Apply(long sequence, string eventType, string userId, ReadOnlySpan<byte> data, CollaborationEvent? whole = null)
    {
        switch (eventType)
        {
            case EventTypes.Graft when JsonFields.GetString(data, "after"u8) is { } after:
                _grafts.Put(after, new(JsonFields.GetString(data, "agentName"u8) ?? "", userId, sequence));
                break;
            case EventTypes.Flag when JsonFields.GetString(data, "stepId"u8) is { } flagged:
                _flags.Put(flagged, new(JsonFields.GetString(data, "note"u8), userId, sequence));
                break;
            case EventTypes.Prune when JsonFields.GetString(data, "stepId"u8) is { } pruned:
                _prunedSteps.Put(pruned, JsonFields.GetBoolean(data, "isPruned"u8) == true);
                break;
            case EventTypes.RunEnd:
                HasEnded = true;
                break;
        }
        if (_latest is not null && _latest.TryGetValue(eventType, out var latest)) latest.Apply(sequence, userId, data);
        for (var i = 0; i < _own.Length; i++) _own[i] = _own[i].After(whole ?? throw new ArgumentNullException(nameof(whole)));
        AsOfSequence = sequence;
        (_state, _json) = (null, null);
    }

    /// <summary>The application's states, none of which changes.</summary>
    public OwnValue[] Own => [.. _own];

    /// <summary>The state as JSON, as stored and as sent.</summary>
    public byte[] ToJson() => _json ??= WithOwn(JsonSerializer.SerializeToUtf8Bytes(
        new RunState(AsOfSequence, _grafts.Steps, _prunedSteps.Steps, _flags.Steps)
        {
            Ended = HasEnded,
            LatestBy = Fields(),
            Latest = _latest?.ToDictionary(l => l.Key, l => l.Value.Entries, StringComparer.Ordinal),
        },
        CollabJson.Default.RunState));

    /// <summary>The stored form; <c>{}</c> is the state before the first fold.</summary>
    public static StateFold Parse(ReadOnlySpan<byte> json, StateShape? shape = null)
    {
        if (json.SequenceEqual("{}"u8)) return new(null, shape);
        return new(JsonSerializer.Deserialize(json, CollabJson.Default.RunState), shape);
    }

    /// <summary>Entries that go by another field than the one asked for say nothing.</summary>
    private static LatestFold StartOf(RunState start, string type, string field) => new(
        field, start.LatestBy?.GetValueOrDefault(type) == field ? start.Latest?.GetValueOrDefault(type) : null);

    private Dictionary<string, string>? Fields() => _latest?.ToDictionary(l => l.Key, l => l.Value.Field, StringComparer.Ordinal);

    private byte[] WithOwn(byte[] state)
    {
        if (_own.Length == 0) return state;
        using var whole = new MemoryStream(state.Length + _own.Sum(own => own.Json.Length + own.Name.Length + 4));
        whole.Write(state.AsSpan(0, state.Length - 1));
        foreach (var own in _own)
        {
            whole.Write(System.Text.Encoding.UTF8.GetBytes($",\"{own.Name}\":"));
            whole.Write(own.Json);
        }
        whole.WriteByte((byte)'}');
        return whole.ToArray();
    }
}
