using System.Collections.Immutable;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>What a run's events add up to, as the server sees it.</summary>
internal static class StateFold
{
    /// <summary>As on the server: a map holds at most so many steps and then forgets the one that was set first.</summary>
    private const int MaxEntries = 2000;

    /// <summary>The state after one more event. Pure; the same state for an event that it already covers, and for an ephemeral one.</summary>
    public static RunState After(this RunState state, CollaborationEvent e)
    {
        if (e.SequenceNumber is not { } sequence || sequence <= state.AsOfSequence) return state;
        var after = state with { AsOfSequence = sequence };
        return e.EventType switch
        {
            EventTypes.Graft when e.Data.Text("after") is { } step =>
                after with { Grafts = Put(state.Grafts, step, new(e.Data.Text("agentName") ?? "", e.UserId, sequence), graft => graft.SequenceNumber) },
            EventTypes.Flag when e.Data.Text("stepId") is { } step =>
                after with { Flags = Put(state.Flags, step, new(e.Data.Text("note"), e.UserId, sequence), flag => flag.SequenceNumber) },
            EventTypes.Prune when e.Data.Text("stepId") is { } step =>
                after with { PrunedSteps = Prune(state.PrunedSteps, step, e.Data.IsTrue("isPruned")) },
            _ => after,
        };
    }

    /// <summary>A field of an event's data, if it is there and a string.</summary>
    public static string? Text(this JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsTrue(this JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static ImmutableDictionary<string, T> Put<T>(IReadOnlyDictionary<string, T> map, string step, T value, Func<T, long> sequenceOf)
    {
        var changed = (map as ImmutableDictionary<string, T> ?? map.ToImmutableDictionary(StringComparer.Ordinal)).SetItem(step, value);
        return changed.Count <= MaxEntries ? changed : changed.Remove(changed.MinBy(entry => sequenceOf(entry.Value)).Key);
    }

    private static ImmutableList<string> Prune(IReadOnlyList<string> steps, string step, bool isPruned)
    {
        var others = (steps as ImmutableList<string> ?? [.. steps]).Remove(step);
        if (!isPruned) return others;
        var pruned = others.Add(step);
        return pruned.Count > MaxEntries ? pruned.RemoveAt(0) : pruned;
    }
}
