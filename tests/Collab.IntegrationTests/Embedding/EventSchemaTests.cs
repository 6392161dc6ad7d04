using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Collab.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>The types of an application's events in its OpenAPI document, which stays a valid one.</summary>
public sealed class EventSchemaTests
{
    [Fact]
    public async Task The_document_is_valid_and_says_what_may_be_published()
    {
        await using var application = await EmbeddedApplication.StartAsync(
            collab => collab.AddEvent<StepFinished>("STEP_FINISHED").AddEphemeralEvent<Tree>("TREE"), [new("Collab:Events:COMMENT", "Critical")],
            build: builder => builder.Services.AddOpenApi(document => document.AddCollabEvents()), use: app => app.MapOpenApi().AllowAnonymous());
        using var api = application.Api("alice");

        var text = (await api.GetAsync("openapi/v1.json")).Body;

        var (document, diagnostic) = OpenApiDocument.Parse(text, "json");
        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        Assert.Empty(document!.Validate(ValidationRuleSet.GetDefaultRuleSet()));
        var schemas = JsonElement.Parse(text).GetProperty("components").GetProperty("schemas");
        Assert.Equal(
            ["COMMENT", "CURSOR_MOVE", "FLAG", "GRAFT", "PRUNE", "RUN_END", "STEP_FINISHED", "TREE"],
            schemas.GetProperty("PublishRequest").GetProperty("discriminator").GetProperty("mapping").EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal));
        AssertSchema(
            """
            { "type": "object", "required": ["stepId", "duration", "tags"],
              "properties": {
                "stepId": { "type": "string", "minLength": 1 },
                "duration": { "type": "integer", "minimum": 0, "maximum": 3600 },
                "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 5 } } }
            """, schemas.GetProperty("StepFinished"));
        AssertSchema(
            """
            { "type": "object", "required": ["children", "byName"],
              "properties": {
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
                "byName": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Tree" } },
                "parent": { "oneOf": [ { "$ref": "#/components/schemas/Tree" }, { "type": "null" } ] } } }
            """, schemas.GetProperty("Tree"));
        AssertSchema("""{ "$ref": "#/components/schemas/StepFinished" }""", schemas.GetProperty("Publish_STEP_FINISHED").GetProperty("properties").GetProperty("data"));
    }

    [Fact]
    public async Task States_have_the_fields_that_the_application_adds()
    {
        await using var application = await EmbeddedApplication.StartAsync(
            collab => collab.AddEvent<StepFinished>("STEP_FINISHED", step => step.LatestBy = "stepId")
                .AddState<Progress>("progress", (before, _) => before).AddState("count", 0, (before, _) => before + 1),
            [new("Collab:Events:COMMENT:Kind", "Critical"), new("Collab:Events:COMMENT:LatestBy", "topic")],
            build: builder => builder.Services.AddOpenApi(document => document.AddCollabEvents()), use: app => app.MapOpenApi().AllowAnonymous());
        using var api = application.Api("alice");

        var text = (await api.GetAsync("openapi/v1.json")).Body;

        var (document, diagnostic) = OpenApiDocument.Parse(text, "json");
        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(document!.Validate(ValidationRuleSet.GetDefaultRuleSet()));
        var schemas = JsonElement.Parse(text).GetProperty("components").GetProperty("schemas");
        var state = schemas.GetProperty("RunState").GetProperty("properties");
        Assert.True(state.TryGetProperty("grafts", out _));
        AssertSchema("""{ "$ref": "#/components/schemas/Progress" }""", state.GetProperty("progress"));
        AssertSchema("""{ "type": "integer" }""", state.GetProperty("count"));
        AssertSchema(
            """{ "type": "object", "properties": { "done": { "type": "integer" }, "lastStep": { "type": ["null", "string"] } } }""",
            schemas.GetProperty("Progress"));
        var latest = state.GetProperty("latest").GetProperty("properties");
        Assert.Equal("The newest COMMENT by its topic.", latest.GetProperty("COMMENT").GetProperty("description").GetString());
        AssertSchema(
            """{ "$ref": "#/components/schemas/StepFinished" }""",
            latest.GetProperty("STEP_FINISHED").GetProperty("additionalProperties").GetProperty("properties").GetProperty("data"));
    }

    private static void AssertSchema(string expected, JsonElement actual)
    {
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), actual.GetRawText());
    }

    internal sealed record StepFinished([Required] string StepId, [property: Range(0, 3600)] int Duration, [MaxLength(5)] IReadOnlyList<string> Tags);

    internal sealed record Progress(int Done, string? LastStep)
    {
        public Progress()
            : this(0, null)
        {
        }
    }

    internal sealed record Tree(IReadOnlyList<Tree> Children, IReadOnlyDictionary<string, Tree> ByName, Tree? Parent = null);
}
