using System.Text.Json;

namespace Collab.Client;

internal static class JsonText
{
    /// <summary>A field of an object, if it is there and a string.</summary>
    public static string? Text(this JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
