using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.Protocol;

namespace Collab.Client;

internal sealed record GraftData(string After, string AgentName);

internal sealed record PruneData(string StepId, bool IsPruned);

internal sealed record FlagData(string StepId, string? Note);

internal sealed record EndData(string? Outcome);

internal sealed record CursorData(string? NodeId);

/// <summary>What goes over the wire beside the protocol's own types.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(GraftData))]
[JsonSerializable(typeof(PruneData))]
[JsonSerializable(typeof(FlagData))]
[JsonSerializable(typeof(EndData))]
[JsonSerializable(typeof(CursorData))]
[JsonSerializable(typeof(KeptSend))]
[JsonSerializable(typeof(CollaborationEvent[]))]
[JsonSerializable(typeof(PublishRequest[]))]
[JsonSerializable(typeof(PublishResult[]))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(long))]
internal sealed partial class ClientJson : JsonSerializerContext;

/// <summary>What can be said of an event's data before the server sees it. What the server's own limits say, the server says.</summary>
internal static class EventData
{
    /// <summary>
    /// A hub frame of more than 64 KiB ends the connection, and would end the next one too. What is left is for the frame around the data.
    /// </summary>
    private const int MaxBytes = 60_000;

    private static readonly JsonWriterOptions AsSent = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A copy that belongs to nobody else.</summary>
    /// <exception cref="CollabException">It cannot be sent.</exception>
    public static JsonElement Checked(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object) throw new CollabException(CollabErrorCode.InvalidEvent, "data must be an object.");
        using var written = new MemoryStream();
        try
        {
            using var writer = new Utf8JsonWriter(written, AsSent);
            data.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            throw new CollabException(CollabErrorCode.InvalidEvent, "data has half of a surrogate pair, which is no text.");
        }
        return written.Length <= MaxBytes
            ? data.Clone()
            : throw new CollabException(
                CollabErrorCode.PayloadTooLarge, $"The event's data has {written.Length} bytes; no more than {MaxBytes} can be sent.");
    }
}
