using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Collab.AspNetCore.Events;

/// <summary>
/// Says in words where data is not what its type wants. System.Text.Json knows the place, but talks of CLR types, and of an object where a
/// field is missing.
/// </summary>
internal static class Misfit
{
    /// <summary>Keys of a dictionary are the client's: a refusal does not carry long ones back.</summary>
    private const int MaxPathLength = 200;

    public static string Describe(ReadOnlySpan<byte> data, JsonTypeInfo type, string path)
    {
        var reader = new Utf8JsonReader(data);
        using var document = JsonDocument.ParseValue(ref reader);
        var (element, expected) = Follow(document.RootElement, type, path);
        if (expected is { Kind: JsonTypeInfoKind.Object } && element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in expected.Properties)
                if (property.IsRequired && !element.TryGetProperty(property.Name, out _))
                    return $"{Short(path)}.{property.Name} is missing.";
        }
        return $"{Short(path)} must be {Expected(expected)}.";
    }

    private static string Short(string path) => path.Length <= MaxPathLength ? path : path[..MaxPathLength] + "…";

    /// <summary>What is at a path such as <c>$.steps[2].names['a b']</c>, and what should be there, if that can be told.</summary>
    private static (JsonElement Element, JsonTypeInfo? Type) Follow(JsonElement element, JsonTypeInfo root, string path)
    {
        var type = root;
        for (var rest = path.AsSpan(1); rest.Length > 0 && type is not null;)
        {
            var name = Next(ref rest);
            if (element.ValueKind == JsonValueKind.Array
                && int.TryParse(name, CultureInfo.InvariantCulture, out var index) && index < element.GetArrayLength())
            {
                (element, type) = (element[index], Info(root, type.ElementType));
            }
            else if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field))
            {
                (element, type) = (field, Info(root, type.Kind == JsonTypeInfoKind.Object
                    ? type.Properties.FirstOrDefault(p => p.Name.Equals(name, StringComparison.Ordinal))?.PropertyType
                    : type.ElementType));
            }
            else
            {
                type = null;
            }
        }
        return (element, type);
    }

    private static JsonTypeInfo? Info(JsonTypeInfo root, Type? type) =>
        type is null ? null : root.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>Takes <c>.name</c>, <c>[2]</c> or <c>['a name']</c> off the path.</summary>
    private static string Next(ref ReadOnlySpan<char> path)
    {
        var quoted = path.StartsWith("['");
        var inBrackets = path[0] == '[';
        var start = quoted ? 2 : 1;
        var length = quoted ? path[start..].IndexOf("']") : inBrackets ? path[start..].IndexOf(']') : path[start..].IndexOfAny('.', '[');
        if (length < 0) length = path.Length - start;
        var name = path.Slice(start, length).ToString();
        path = path[Math.Min(path.Length, start + length + (quoted ? 2 : inBrackets ? 1 : 0))..];
        return name;
    }

    private static string Expected(JsonTypeInfo? type)
    {
        if (type is null) return "what its type says";
        if (type.Type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type.Type))}";
        if (type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary) return "an object";
        if (type.Kind == JsonTypeInfoKind.Enumerable) return "a list";
        if (type.Type == typeof(string)) return "a string";
        if (type.Type == typeof(bool)) return "true or false";
        if (type.Type == typeof(Guid)) return "a UUID";
        if (type.Type == typeof(DateTime) || type.Type == typeof(DateTimeOffset)) return "a date and time as in ISO 8601";
        if (type.Type == typeof(float) || type.Type == typeof(double) || type.Type == typeof(decimal)) return "a number";
        return type.Type.IsPrimitive && type.Type != typeof(char) ? "a whole number in range" : $"a {type.Type.Name}";
    }
}
