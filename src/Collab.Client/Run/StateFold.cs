using System.Collections.Immutable;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>What a run's events add up to, as the server sees it.</summary>
internal static class StateFold
{
    /// <summary>As on the server: of each kind at most so many steps are held, and then those that were set first are forgotten; the newest always stays.</summary>
    private const int MaxEntries = 2000;

    /// <summary>Of all names, users and notes of a kind together, in UTF-16 units.</summary>
    private const int MaxLength = 100_000;

    /// <summary>The state after one more event. Pure; the same state for an event that it already covers, and for an ephemeral one.</summary>
    public static RunState After(this RunState state, CollaborationEvent e)
    {
        if (e.SequenceNumber is not { } sequence || sequence <= state.AsOfSequence) return state;
        var after = state with { AsOfSequence = sequence };
        return e.EventType switch
        {
            EventTypes.Graft when e.Data.Text("after") is { } step =>
                after with { Grafts = Put(state.Grafts, step, new(e.Data.Text("agentName") ?? "", e.UserId, sequence), g => g.SequenceNumber, g => g.AgentName.Length + g.UserId.Length) },
            EventTypes.Flag when e.Data.Text("stepId") is { } step =>
                after with { Flags = Put(state.Flags, step, new(e.Data.Text("note"), e.UserId, sequence), f => f.SequenceNumber, f => (f.Note?.Length ?? 0) + f.UserId.Length) },
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

    private static ImmutableDictionary<string, T> Put<T>(
        IReadOnlyDictionary<string, T> map, string step, T value, Func<T, long> sequenceOf, Func<T, int> lengthOf)
    {
        var changed = (map as ImmutableDictionary<string, T> ?? map.ToImmutableDictionary(StringComparer.Ordinal)).SetItem(step, value);
        var length = changed.Sum(entry => entry.Key.Length + (long)lengthOf(entry.Value));
        while (IsTooMuch(changed.Count, length))
        {
            var (first, old) = changed.MinBy(entry => sequenceOf(entry.Value));
            changed = changed.Remove(first);
            length -= first.Length + lengthOf(old);
        }
        return changed;
    }

    private static ImmutableList<string> Prune(IReadOnlyList<string> steps, string step, bool isPruned)
    {
        var pruned = (steps as ImmutableList<string> ?? [.. steps]).Remove(step);
        if (!isPruned) return pruned;
        pruned = pruned.Add(step);
        var length = pruned.Sum(name => (long)name.Length);
        while (IsTooMuch(pruned.Count, length))
        {
            length -= pruned[0].Length;
            pruned = pruned.RemoveAt(0);
        }
        return pruned;
    }

    private static bool IsTooMuch(int entries, long length) => entries > 1 && (entries > MaxEntries || length > MaxLength);
}
