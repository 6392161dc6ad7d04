using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// Reads fields of a JSON object from its bytes, which are valid, by their names in UTF-8. Of several with one name the last counts, as
/// in JavaScript and in <c>jsonb</c>.
/// </summary>
internal static class JsonFields
{
    /// <summary>A string field, or null.</summary>
    public static string? GetString(ReadOnlySpan<byte> json, scoped ReadOnlySpan<byte> name) =>
        Find(json, name, out var value) == JsonTokenType.String ? value.GetString() : null;

    /// <summary>A boolean field, or null.</summary>
    public static bool? GetBoolean(ReadOnlySpan<byte> json, scoped ReadOnlySpan<byte> name) => Find(json, name, out _) switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => null,
    };

    /// <summary>What a field holds; <see cref="JsonTokenType.None"/> where there is no such field, or no object.</summary>
    public static JsonTokenType Find(ReadOnlySpan<byte> json, scoped ReadOnlySpan<byte> name, out Utf8JsonReader value)
    {
        value = default;
        var found = JsonTokenType.None;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var match = reader.ValueTextEquals(name);
            reader.Read();
            if (match)
            {
                value = reader;
                found = reader.TokenType;
            }
            reader.Skip();
        }
        return found;
    }
}
