using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Histories.Recording;

namespace Collab.Histories.Checking;

/// <summary>
/// What events add up to, made from the words of <c>docs/protocol.md</c> and checked with the cases of <c>tests/conformance/fold</c>: it
/// shares no line with the product. It knows no types of an application's, and no bounds.
/// </summary>
internal sealed class Fold
{
    private readonly Dictionary<string, JsonObject> _grafts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _flags = new(StringComparer.Ordinal);
    private readonly List<string> _pruned = [];
    private long _last;
    private bool _ended;

    /// <summary>Adds the next event.</summary>
    public void Add(Logged e)
    {
        switch (e.EventType)
        {
            case "GRAFT" when Text(e.Data, "after") is { } after:
                _grafts[after] = new() { ["agentName"] = Text(e.Data, "agentName") ?? "", ["userId"] = e.UserId, ["sequenceNumber"] = e.Number };
                break;
            case "FLAG" when Text(e.Data, "stepId") is { } step:
                _flags[step] = new() { ["note"] = Text(e.Data, "note"), ["userId"] = e.UserId, ["sequenceNumber"] = e.Number };
                break;
            case "PRUNE" when Text(e.Data, "stepId") is { } step:
                _pruned.Remove(step);
                if (e.Data.TryGetProperty("isPruned", out var isPruned) && isPruned.ValueKind == JsonValueKind.True) _pruned.Add(step);
                break;
            case "RUN_END":
                _ended = true;
                break;
        }
        _last = e.Number;
    }

    /// <summary>The state as on the wire.</summary>
    public JsonObject State => new()
    {
        ["asOfSequence"] = _last,
        ["grafts"] = Copy(_grafts),
        ["prunedSteps"] = new JsonArray([.. _pruned.Select(step => (JsonNode?)step)]),
        ["flags"] = Copy(_flags),
        ["ended"] = _ended ? true : null,
    };

    /// <summary>
    /// Whether two states say the same; a note that is null may be absent, and so may types whose newest events are kept if there are none.
    /// </summary>
    public static bool AreEqual(JsonNode? one, JsonNode? other) => JsonNode.DeepEquals(Plain(one), Plain(other));

    private static JsonNode? Plain(JsonNode? state)
    {
        var plain = WithoutNulls(state);
        // What is said of a state is no part of it.
        if (plain is JsonObject fields) fields.Remove("fingerprint");
        if (plain?["latest"] is not JsonObject latest || latest.Any(type => type.Value is JsonObject { Count: > 0 })) return plain;
        plain.AsObject().Remove("latest");
        plain.AsObject().Remove("latestBy");
        return plain;
    }

    private static JsonObject Copy(Dictionary<string, JsonObject> entries) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value.DeepClone())));

    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(
            fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, WithoutNulls(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };

    private static string? Text(JsonElement data, string field) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
