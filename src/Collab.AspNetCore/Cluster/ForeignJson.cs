using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// JSON that another server has written, and that clients are sent as it is. What is none would break the frame that it stands in, for all
/// that follow the run: a line feed ends a line of a stream, and a browser closes a WebSocket that brings it text which is no UTF-8.
/// </summary>
internal static class ForeignJson
{
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    /// <summary>Whether this is one line of UTF-8. That it is JSON is for the one to find out that reads it.</summary>
    public static bool IsLine(ReadOnlySpan<byte> text) => text.IndexOfAny(LineEnds) < 0 && Utf8.IsValid(text);

    /// <summary>Whether this is one object, on one line.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json)
    {
        if (!IsLine(json)) return false;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
