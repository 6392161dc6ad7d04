using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>
/// The <c>data</c> of an event as it came: compact UTF-8 JSON, copied token by token, so that what the store cannot hold is noticed here
/// and never inside a batch. Reading never throws for such a value; <see cref="Check"/> refuses it with the right code.
/// </summary>
[JsonConverter(typeof(EventDataConverter))]
internal sealed class EventData
{
    public static readonly EventData Empty = new("{}"u8.ToArray(), zeros: 0, problem: null);

    private readonly int _zeros;
    private readonly string? _problem;

    /// <param name="json">Compact.</param>
    /// <param name="zeros">How many bytes more, at most, it has when its numbers are written out, as <c>jsonb</c> gives them back.</param>
    /// <param name="problem">What a store cannot hold; null: nothing.</param>
    internal EventData(byte[] json, int zeros, string? problem) => (Json, _zeros, _problem) = (json, zeros, problem);

    /// <summary>The object as compact UTF-8 JSON; meaningless until checked.</summary>
    public byte[] Json { get; }

    /// <summary>The data of a cursor move that came as a plain argument.</summary>
    public static EventData ForCursor(string? nodeId) => nodeId is null || StoreText.CanHold(nodeId)
        ? new(JsonSerializer.SerializeToUtf8Bytes(new CursorData(nodeId), CursorJson.Default.CursorData), zeros: 0, problem: null)
        : throw RefusedException.Invalid("nodeId has text that is not valid Unicode.");

    /// <summary>Refuses what the store cannot hold, what is too large, and what is not as its type wants it.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c> or <c>payload_too_large</c>.</exception>
    public void Check(EventType type, int maxBytes)
    {
        // A server that loads the run has its numbers as they are written out: 1e308 is five bytes in an event and 309 out of the store.
        if (maxBytes > 0 && Json.Length + _zeros > maxBytes)
        {
            var what = _zeros == 0 ? "The event's data has" : "With its numbers written out, the event's data has up to";
            throw new RefusedException(CollabErrorCode.PayloadTooLarge, $"{what} {Json.Length + _zeros} bytes; the limit is {maxBytes}.");
        }
        if (_problem is not null) throw RefusedException.Invalid(_problem);
        if (type.Check?.Invoke(Json) is { } wrong) throw RefusedException.Invalid($"{type.Name}: {wrong}");
    }
}

/// <summary>Reads <see cref="EventData"/> inside a hub argument or a request body.</summary>
internal sealed class EventDataConverter : JsonConverter<EventData>
{
    public override bool HandleNull => true;

    public override EventData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EventDataReader.Read(ref reader);

    public override void Write(Utf8JsonWriter writer, EventData value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}

/// <summary>The data of a cursor move.</summary>
internal sealed record CursorData(string? NodeId);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CursorData))]
internal sealed partial class CursorJson : JsonSerializerContext;
