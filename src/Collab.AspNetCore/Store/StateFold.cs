using System.Text.Json;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Folds a run's critical events into its state, one after the other. Every path uses this one rule: the running server, the trimmer and the load
/// after a restart. A map holds at most <see cref="MaxEntries"/> steps and then forgets the one that was touched first, so that a run which
/// names ever new steps stays bounded.
/// </summary>
internal sealed class StateFold
{
    public const int MaxEntries = 2000;

    private readonly Dictionary<string, Graft> _grafts;
    private readonly Dictionary<string, Flag> _flags;
    private readonly List<string> _prunedSteps;
    private byte[]? _json;

    public StateFold(RunState? start = null)
    {
        start ??= RunState.Empty;
        AsOfSequence = start.AsOfSequence;
        _grafts = new(start.Grafts, StringComparer.Ordinal);
        _flags = new(start.Flags, StringComparer.Ordinal);
        _prunedSteps = [.. start.PrunedSteps];
    }

    /// <summary>The last event that is folded in.</summary>
    public long AsOfSequence { get; private set; }

    public void Apply(LoggedEvent e) => Apply(e.Sequence, e.EventType, e.UserId, e.Data);

    public void Apply(long sequence, string eventType, string userId, ReadOnlySpan<byte> data)
    {
        switch (eventType)
        {
            case EventTypes.Graft when EventData.GetString(data, "after") is { } after:
                Put(_grafts, after, new(EventData.GetString(data, "agentName") ?? "", userId, sequence), g => g.SequenceNumber);
                break;
            case EventTypes.Flag when EventData.GetString(data, "stepId") is { } flagged:
                Put(_flags, flagged, new(EventData.GetString(data, "note"), userId, sequence), f => f.SequenceNumber);
                break;
            case EventTypes.Prune when EventData.GetString(data, "stepId") is { } pruned:
                _prunedSteps.Remove(pruned);
                if (EventData.GetBoolean(data, "isPruned") == true) _prunedSteps.Add(pruned);
                if (_prunedSteps.Count > MaxEntries) _prunedSteps.RemoveAt(0);
                break;
        }
        AsOfSequence = sequence;
        _json = null;
    }

    /// <summary>The state as JSON, as stored and as sent.</summary>
    public byte[] ToJson() => _json ??= JsonSerializer.SerializeToUtf8Bytes(new RunState(AsOfSequence, _grafts, _prunedSteps, _flags), CollabJson.Default.RunState);

    /// <summary>The stored form; <c>{}</c> is the state before the first fold.</summary>
    public static StateFold Parse(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("{}"u8)) return new();
        return new(JsonSerializer.Deserialize(json, CollabJson.Default.RunState));
    }

    private static void Put<T>(Dictionary<string, T> map, string key, T value, Func<T, long> sequenceOf)
    {
        map[key] = value;
        if (map.Count > MaxEntries) map.Remove(map.MinBy(entry => sequenceOf(entry.Value)).Key);
    }
}
