using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Collab.Protocol;

/// <summary>What an application's state must be as JSON, so that both stores can hold it and every client can read it.</summary>
internal static class OwnStateJson
{
    /// <summary>Readers of JSON stop at 64 levels, and a state is some levels deep in a message.</summary>
    public const int MaxDepth = 50;

    private static JsonSerializerOptions? _options;

    /// <summary>By reflection. What an older version of a type has stored may lack what a newer one has.</summary>
    public static JsonSerializerOptions Options
    {
        [RequiresUnreferencedCode("Reads the type by reflection.")]
        [RequiresDynamicCode("Reads the type by reflection.")]
        get => _options ??= new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
    }

    /// <summary>What is wrong with it; null: nothing.</summary>
    public static string? Problem(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth + 14 });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= MaxDepth && (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray))
                return $"The state is nested more than {MaxDepth} levels deep.";
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && HasNull(ref reader))
                return "The state has the character U+0000, which cannot be stored.";
        }
        return null;
    }

    private static bool HasNull(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped && reader.ValueSpan.IndexOf("\\u0000"u8) >= 0 && reader.GetString()!.Contains('\0', StringComparison.Ordinal);
}
