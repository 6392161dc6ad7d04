using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Collab.AspNetCore.Events;

/// <summary>
/// JSON schemas of CLR types as they are read from an event's data. Each type with fields has a name, by which the others refer to it.
/// </summary>
/// <param name="isTaken">Whether something else has a name already.</param>
internal sealed class DataSchemas(Func<string, bool> isTaken)
{
    private readonly Dictionary<Type, string> _names = [];

    /// <summary>The schemas with a name.</summary>
    public Dictionary<string, JsonObject> Named { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of a type: a reference where it has a name.</summary>
    public JsonObject Of(JsonTypeInfo json) => json.Kind switch
    {
        JsonTypeInfoKind.Object => new() { ["$ref"] = EventSchemas.ReferenceTo(NameOf(json)) },
        JsonTypeInfoKind.Enumerable => new() { ["type"] = "array", ["items"] = Of(json.Options.GetTypeInfo(json.ElementType!)) },
        JsonTypeInfoKind.Dictionary => new()
        {
            ["type"] = "object",
            ["additionalProperties"] = Of(json.Options.GetTypeInfo(json.ElementType!)),
        },
        // A schema of anything is written as true.
        _ => json.Options.GetJsonSchemaAsNode(json.Type, new() { TreatNullObliviousAsNonNullable = true }) as JsonObject ?? [],
    };

    private string NameOf(JsonTypeInfo json)
    {
        if (_names.TryGetValue(json.Type, out var known)) return known;
        var plain = string.Concat(json.Type.Name.Split('`')[0].Where(char.IsAsciiLetterOrDigit));
        var name = new[] { plain, $"{plain}Data" }.Concat(Enumerable.Range(2, int.MaxValue - 2).Select(n => $"{plain}Data{n}"))
            .First(n => !isTaken(n) && !Named.ContainsKey(n));
        _names[json.Type] = name;
        // Its place, before its fields refer to it.
        var schema = Named[name] = new() { ["type"] = "object" };
        var fields = new JsonObject();
        foreach (var property in json.Properties) fields[property.Name] = OfField(property);
        var required = json.Properties.Where(p => p.IsRequired).Select(p => JsonValue.Create(p.Name)).ToArray();
        if (required.Length > 0) schema["required"] = new JsonArray([.. required]);
        schema["properties"] = fields;
        return name;
    }

    private JsonObject OfField(JsonPropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = Of(property.Options.GetTypeInfo(type));
        foreach (var attribute in AttributesOf(property)) Describe(schema, attribute);
        if (!property.IsSetNullable) return schema;
        if (schema["type"] is not { } one || one.GetValueKind() != JsonValueKind.String)
            return new() { ["oneOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        schema["type"] = new JsonArray(one.GetValue<string>(), "null");
        return schema;
    }

    private static IEnumerable<object> AttributesOf(JsonPropertyInfo property) =>
        (property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [])
            .Concat(property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(inherit: true) ?? []);

    private static void Describe(JsonObject schema, object attribute)
    {
        var isList = schema["type"]?.ToString() == "array";
        switch (attribute)
        {
            case StringLengthAttribute length:
                if (length.MinimumLength > 0) schema["minLength"] = length.MinimumLength;
                if (length.MaximumLength < int.MaxValue) schema["maxLength"] = length.MaximumLength;
                break;
            case MinLengthAttribute least: schema[isList ? "minItems" : "minLength"] = least.Length; break;
            case MaxLengthAttribute most: schema[isList ? "maxItems" : "maxLength"] = most.Length; break;
            case RequiredAttribute { AllowEmptyStrings: false } when schema["type"]?.ToString() == "string": schema["minLength"] = 1; break;
            case RegularExpressionAttribute expression: schema["pattern"] = expression.Pattern; break;
            case RangeAttribute { Minimum: IConvertible from, Maximum: IConvertible to } range when range.OperandType.IsPrimitive:
                schema["minimum"] = from.ToDecimal(null);
                schema["maximum"] = to.ToDecimal(null);
                break;
            case DescriptionAttribute description: schema["description"] = description.Description; break;
        }
    }
}
