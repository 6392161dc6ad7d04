using System.Text.Json.Nodes;
using Collab.AspNetCore.Events;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Collab.OpenApi;

/// <summary>Tells an application's OpenAPI document what Collab knows.</summary>
public static class CollabOpenApiOptionsExtensions
{
    /// <summary>
    /// Adds a schema for the data of each type of event, and makes the body of a publish one of what may be published: told apart by
    /// <c>eventType</c>. For documents in the form of OpenAPI 3.1, which is .NET's default.
    /// </summary>
    /// <param name="options">Of <c>AddOpenApi</c>.</param>
    /// <returns>The same.</returns>
    public static OpenApiOptions AddCollabEvents(this OpenApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.AddDocumentTransformer((document, context, _) =>
        {
            var types = context.ApplicationServices.GetRequiredService<EventTypeTable>();
            var schemas = (document.Components ??= new()).Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            foreach (var (name, schema) in Read(EventSchemas.Of(types.All, schemas.ContainsKey))) schemas[name] = schema;
            return Task.CompletedTask;
        });
    }

    private static IDictionary<string, IOpenApiSchema> Read(Dictionary<string, JsonObject> components)
    {
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "Events", ["version"] = "1" },
            ["paths"] = new JsonObject(),
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(components.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, c.Value))),
            },
        };
        var (read, diagnostic) = OpenApiDocument.Parse(document.ToJsonString(), OpenApiConstants.Json);
        return diagnostic is { Errors.Count: > 0 } || read?.Components?.Schemas is not { } schemas
            ? throw new InvalidOperationException($"The events' schemas are no OpenAPI: {string.Join(' ', diagnostic?.Errors ?? [])}")
            : schemas;
    }
}
