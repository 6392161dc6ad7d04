using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>What a field of an event's data must hold. Each answers with what is wrong, or null; none makes an object.</summary>
internal static class DataFields
{
    public static string? NonEmptyString(ReadOnlySpan<byte> data, string name) =>
        JsonFields.Find(data, name, out var value) == JsonTokenType.String && value.ValueSpan.Length > 0
            ? null
            : $"$.{name} must be a string that is not empty.";

    public static string? OptionalString(ReadOnlySpan<byte> data, string name) =>
        JsonFields.Find(data, name, out _) is JsonTokenType.String or JsonTokenType.Null or JsonTokenType.None
            ? null
            : $"$.{name} must be a string, null or absent.";

    public static string? Boolean(ReadOnlySpan<byte> data, string name) =>
        JsonFields.GetBoolean(data, name) is null ? $"$.{name} must be true or false." : null;
}
