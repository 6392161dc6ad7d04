using System.Text.Json.Nodes;
using Collab.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Events;

/// <summary>
/// JSON schemas of all that may be published: of the data of each type of event, and of the request that publishes one; and of what the
/// application adds to states.
/// </summary>
internal static class EventSchemas
{
    /// <summary>The schema of the request, which is one of those of the types.</summary>
    public const string Request = "PublishRequest";

    /// <summary>What OpenAPI calls components, by name.</summary>
    /// <param name="services">They know the types that there are.</param>
    /// <param name="isTaken">Whether something else has the name already.</param>
    public static Dictionary<string, JsonObject> Of(IServiceProvider services, Func<string, bool> isTaken)
    {
        var types = services.GetRequiredService<EventTypeTable>().All;
        var data = new DataSchemas(name => name == StateSchemas.State || isTaken(name));
        var components = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var mapping = new JsonObject();
        foreach (var type in types.Where(t => t.Sender != EventSender.Server).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            var name = $"Publish_{type.Name}";
            components[name] = PublishOf(type, type.Data is { } known ? data.Of(known.Json) : new() { ["type"] = "object" });
            mapping[type.Name] = ReferenceTo(name);
        }
        components[Request] = new()
        {
            ["oneOf"] = new JsonArray([.. mapping.Select(one => new JsonObject { ["$ref"] = one.Value!.DeepClone() })]),
            ["discriminator"] = new JsonObject { ["propertyName"] = "eventType", ["mapping"] = mapping },
        };
        if (StateSchemas.Of(services.GetServices<OwnState>(), types, data) is { } state) components[StateSchemas.State] = state;
        foreach (var (name, schema) in data.Named) components[name] = schema;
        return components;
    }

    public static string ReferenceTo(string component) => $"#/components/schemas/{component}";

    private static JsonObject PublishOf(EventType type, JsonObject data) => new()
    {
        ["type"] = "object",
        ["description"] = type.IsCritical ? "Stored and numbered." : "Matters only now: not stored.",
        ["required"] = new JsonArray("eventType", "data"),
        ["properties"] = new JsonObject
        {
            ["eventType"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray(type.Name) },
            ["data"] = data,
            ["messageId"] = new JsonObject { ["type"] = new JsonArray("string", "null"), ["format"] = "uuid" },
        },
    };
}
