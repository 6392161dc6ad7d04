using System.Buffers;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>
/// A committed event, serialised once. Live frames, joins, polls, replays and the stream all copy <see cref="Json"/>,
/// so one sequence number is the same bytes everywhere.
/// </summary>
internal sealed class LoggedEvent
{
    private readonly int _dataStart;
    private readonly int _dataLength;

    public LoggedEvent(
        Guid runId, long sequence, string eventType, string userId,
        string? userName, long timestamp, Guid messageId, ReadOnlySpan<byte> data, string? signature = null)
    {
        (Sequence, EventType, UserId, UserName, Timestamp) = (sequence, eventType, userId, userName, timestamp);
        Json = EventJson.Write(runId, sequence, eventType, userId, userName, timestamp, messageId, data, signature, out _dataStart);
        _dataLength = data.Length;
    }

    private LoggedEvent(byte[] json)
    {
        (Json, EventType, UserId) = (json, "", "");
        var reader = new Utf8JsonReader(json);
        for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (name.SequenceEqual("sequenceNumber"u8)) Sequence = reader.GetInt64();
            else if (name.SequenceEqual("eventType"u8)) EventType = reader.GetString()!;
            else if (name.SequenceEqual("userId"u8)) UserId = reader.GetString()!;
            else if (name.SequenceEqual("userName"u8)) UserName = reader.GetString();
            else if (name.SequenceEqual("timestamp"u8)) Timestamp = reader.GetInt64();
            reader.Skip();
            if (name.SequenceEqual("data"u8)) (_dataStart, _dataLength) = (start, (int)reader.BytesConsumed - start);
        }
        if (reader.TokenType != JsonTokenType.EndObject || reader.BytesConsumed != json.Length)
            throw new JsonException("That is not one object.");
    }

    public long Sequence { get; }

    public string EventType { get; }

    public string UserId { get; }

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; }

    /// <summary>Unix milliseconds.</summary>
    public long Timestamp { get; }

    /// <summary>The whole event as clients see it.</summary>
    public byte[] Json { get; }

    /// <summary>The part of <see cref="Json"/> that is the publisher's.</summary>
    public ReadOnlySpan<byte> Data => Json.AsSpan(_dataStart, _dataLength);

    /// <summary>The event as an application sees it.</summary>
    public CollaborationEvent ToEvent() => JsonSerializer.Deserialize(Json, CollabJson.Default.CollaborationEvent)!;

    /// <summary>An event that another server has serialised; its bytes are kept as they are.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static LoggedEvent FromJson(byte[] json) => new(json);
}

internal static class LoggedEventFold
{
    /// <summary>Folds in the next event.</summary>
    public static void Apply(this StateFold state, LoggedEvent e) =>
        state.Apply(e.Sequence, e.EventType, e.UserId, e.Data, state.NeedsEvents ? e.ToEvent() : null);
}

/// <summary>Writes the one JSON form of an event (contract §2).</summary>
internal static class EventJson
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _threadBuffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _threadWriter;

    /// <param name="sequence">Null for an ephemeral event, which then has no such field.</param>
    /// <param name="userName">Null: the user is called by the id, and there is no such field.</param>
    /// <param name="signature">Null: it is not signed, and there is no such field.</param>
    /// <param name="dataStart">Where <paramref name="data"/> begins in the result.</param>
    public static byte[] Write(
        Guid runId, long? sequence, string eventType, string userId, string? userName, long timestamp, Guid messageId,
        ReadOnlySpan<byte> data, string? signature, out int dataStart)
    {
        var buffer = _threadBuffer ??= new(1024);
        var writer = _threadWriter ??= new(buffer, new JsonWriterOptions { SkipValidation = true });
        buffer.ResetWrittenCount();
        writer.Reset();

        writer.WriteStartObject();
        writer.WriteString("runId"u8, runId);
        if (sequence is { } number) writer.WriteNumber("sequenceNumber"u8, number);
        writer.WriteString("eventType"u8, eventType);
        writer.WriteString("userId"u8, userId);
        if (userName is not null) writer.WriteString("userName"u8, userName);
        writer.WriteNumber("timestamp"u8, timestamp);
        writer.WritePropertyName("data"u8);
        dataStart = (int)(writer.BytesCommitted + writer.BytesPending);
        writer.WriteRawValue(data, skipInputValidation: true);
        writer.WriteBoolean("isCritical"u8, sequence is not null);
        writer.WriteString("messageId"u8, messageId);
        if (signature is not null) writer.WriteString("signature"u8, signature);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
