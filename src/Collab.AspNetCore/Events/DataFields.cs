using System.Text;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>What a field of an event's data must hold. Each answers with what is wrong, or null; none makes an object.</summary>
internal static class DataFields
{
    public static string? NonEmptyString(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name) =>
        JsonFields.Find(data, name, out var value) == JsonTokenType.String && value.ValueSpan.Length > 0
            ? null
            : $"$.{Encoding.UTF8.GetString(name)} must be a string that is not empty.";

    public static string? OptionalString(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name) =>
        JsonFields.Find(data, name, out _) is JsonTokenType.String or JsonTokenType.Null or JsonTokenType.None
            ? null
            : $"$.{Encoding.UTF8.GetString(name)} must be a string, null or absent.";

    public static string? Boolean(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name) =>
        JsonFields.Find(data, name, out _) is JsonTokenType.True or JsonTokenType.False
            ? null
            : $"$.{Encoding.UTF8.GetString(name)} must be true or false.";
}
