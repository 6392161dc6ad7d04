using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>JSON schemas of what an application adds to every state.</summary>
internal static class StateSchemas
{
    /// <summary>The schema of a state, to which the fields belong.</summary>
    public const string State = "RunState";

    /// <summary>The fields that states have because of the application.</summary>
    /// <returns>Null: none.</returns>
    public static JsonObject? Of(IEnumerable<OwnState> own, IEnumerable<EventType> types, DataSchemas data)
    {
        var fields = new JsonObject();
        var latest = types.Where(t => t.LatestBy is not null).OrderBy(t => t.Name, StringComparer.Ordinal).ToArray();
        if (latest.Length > 0)
            fields["latest"] = ObjectOf(new(latest.Select(t => KeyValuePair.Create<string, JsonNode?>(t.Name, LatestOf(t, data)))));
        foreach (var state in own) fields[state.Name] = data.Of(AsWritten(state.Json));
        return fields.Count == 0 ? null : ObjectOf(fields);
    }

    private static JsonObject LatestOf(EventType type, DataSchemas data) => new()
    {
        ["type"] = "object",
        ["description"] = $"The newest {type.Name} by its {type.LatestBy}.",
        ["additionalProperties"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("data", "userId", "sequenceNumber"),
            ["properties"] = new JsonObject
            {
                ["data"] = type.Data is { } known ? data.Of(known.Json) : new() { ["type"] = "object" },
                ["userId"] = new JsonObject { ["type"] = "string" },
                ["sequenceNumber"] = new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            },
        },
    };

    private static JsonObject ObjectOf(JsonObject fields) => new() { ["type"] = "object", ["properties"] = fields };

    /// <summary>A number may be read from a text, but it is written as one.</summary>
    private static JsonTypeInfo AsWritten(JsonTypeInfo json) => json.Options.NumberHandling == JsonNumberHandling.Strict
        ? json
        : new JsonSerializerOptions(json.Options) { NumberHandling = JsonNumberHandling.Strict }.GetTypeInfo(json.Type);
}
