using System.Text.Json.Nodes;
using Collab.AspNetCore.Events;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Collab.OpenApi;

/// <summary>Tells an application's OpenAPI document what Collab knows.</summary>
public static class CollabOpenApiOptionsExtensions
{
    /// <summary>
    /// Adds a schema for the data of each type of event, and makes the body of a publish one of what may be published: told apart by
    /// <c>eventType</c>. States get the fields that they have because of <c>AddState</c> and <c>LatestBy</c>. For documents in the form of
    /// OpenAPI 3.1, which is .NET's default.
    /// </summary>
    /// <param name="options">Of <c>AddOpenApi</c>.</param>
    /// <returns>The same.</returns>
    public static OpenApiOptions AddCollabEvents(this OpenApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.AddDocumentTransformer((document, context, _) =>
        {
            var schemas = (document.Components ??= new()).Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            foreach (var (name, schema) in Read(EventSchemas.Of(context.ApplicationServices, schemas.ContainsKey)))
            {
                if (name != StateSchemas.State) schemas[name] = schema;
                else if (schemas.TryGetValue(name, out var known) && known is OpenApiSchema state) AddFields(state, schema);
            }
            return Task.CompletedTask;
        });
    }

    private static void AddFields(OpenApiSchema schema, IOpenApiSchema more)
    {
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        foreach (var (name, field) in more.Properties ?? new Dictionary<string, IOpenApiSchema>()) schema.Properties[name] = field;
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
