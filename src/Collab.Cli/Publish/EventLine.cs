using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.Cli.Publish;

/// <summary>A line of a file of events, ready to be published.</summary>
/// <param name="Number">Which line it is; the first one is 1.</param>
/// <param name="Request">What it says.</param>
/// <param name="Bytes">Its size in the body of a request.</param>
internal sealed record EventLine(int Number, PublishRequest Request, int Bytes)
{
    /// <summary>Past this no server takes it: the body of a request may have 64 KiB.</summary>
    public const int MaxBytes = 60_000;

    /// <summary>Reads a line.</summary>
    /// <param name="number">Which one it is.</param>
    /// <param name="text">What it holds, in UTF-8.</param>
    /// <param name="idOf">The event's id if the line has none.</param>
    /// <exception cref="FormatException">It is no event; the message says why.</exception>
    public static EventLine Parse(int number, ReadOnlySpan<byte> text, Func<Guid> idOf)
    {
        try
        {
            var line = JsonElement.Parse(text);
            if (line.ValueKind != JsonValueKind.Object) throw new FormatException("it must be a JSON object.");
            var request = new PublishRequest(EventType(line), Data(line), MessageId(line) ?? idOf());
            if (Find(line, "basedOnSequence") is not null) throw new FormatException("basedOnSequence cannot be asked for yet.");
            // That a text in it is none shows only when it is written.
            var bytes = JsonSerializer.SerializeToUtf8Bytes(request, CollabJson.Default.PublishRequest).Length;
            return bytes <= MaxBytes ? new(number, request, bytes) : throw new FormatException($"it has more than {MaxBytes} bytes.");
        }
        catch (JsonException e) when (e.BytePositionInLine is not null)
        {
            throw new FormatException($"it is not JSON: see character {e.BytePositionInLine + 1}.", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("it has half a character: a \\u that belongs to a pair (d800 to dfff) and stands alone.", e);
        }
    }

    /// <summary>
    /// The id of a line that has none: the same whenever it is published to that run in that batch, so that it is stored once.
    /// </summary>
    public static Guid IdOf(Guid run, string batch, int number, ReadOnlySpan<byte> text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(run.ToByteArray(bigEndian: true));
        hash.AppendData(Encoding.UTF8.GetBytes($"{batch.Length}:{batch}:{number}:"));
        hash.AppendData(text);
        Span<byte> id = hash.GetHashAndReset().AsSpan(0, 16);
        // A UUID of one's own making: version 8 of RFC 9562.
        id[6] = (byte)((id[6] & 0x0f) | 0x80);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new(id, bigEndian: true);
    }

    private static string EventType(JsonElement line) =>
        Find(line, "eventType") is { ValueKind: JsonValueKind.String } type && type.GetString() is { Length: > 0 } text
            ? text
            : throw new FormatException("eventType must be a text that is not empty.");

    private static JsonElement Data(JsonElement line) => Find(line, "data") switch
    {
        null => JsonElement.Parse("{}"u8),
        { ValueKind: JsonValueKind.Object } data => data,
        _ => throw new FormatException("data must be an object."),
    };

    private static Guid? MessageId(JsonElement line) => Find(line, "messageId") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text when text.TryGetGuid(out var id) && id != default => id,
        _ => throw new FormatException("messageId must be a UUID."),
    };

    /// <summary>Null counts as absent.</summary>
    private static JsonElement? Find(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
