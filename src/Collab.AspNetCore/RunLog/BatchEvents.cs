using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Signatures;

namespace Collab.AspNetCore.RunLog;

/// <summary>One event of a batch as it came in.</summary>
internal readonly record struct BatchEvent(
    string? EventType, EventData Data, string? MessageId, long? BasedOnSequence = null, SentSignature? Signature = null);

/// <summary>
/// The events of a batch as they came in. Reading never throws for what is no list of events; <see cref="Check"/> says what is wrong.
/// </summary>
[JsonConverter(typeof(BatchEventsConverter))]
internal sealed class BatchEvents(IReadOnlyList<BatchEvent> events, string? problem)
{
    public const int Most = 100;

    public static readonly BatchEvents None = new([], problem: null);

    /// <summary>Meaningless until checked.</summary>
    public IReadOnlyList<BatchEvent> Events => events;

    /// <exception cref="RefusedException"><c>invalid_event</c>: it is no list of 1 to 100 events.</exception>
    public void Check()
    {
        if (problem is not null) throw RefusedException.Invalid(problem);
        if (events.Count is 0 or > Most) throw RefusedException.Invalid($"events must be a list of 1 to {Most} events.");
    }
}

/// <summary>Reads <see cref="BatchEvents"/> inside a hub argument or a request body.</summary>
internal sealed class BatchEventsConverter : JsonConverter<BatchEvents>
{
    public override bool HandleNull => true;

    public override BatchEvents Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return BatchEvents.None;
        }
        var events = new List<BatchEvent>();
        string? problem = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // Of more than there may be only their number matters.
            if (events.Count > BatchEvents.Most) reader.Skip();
            else events.Add(ReadEvent(ref reader, events.Count, ref problem));
        }
        return new(events, events.Count > BatchEvents.Most ? null : problem);
    }

    public override void Write(Utf8JsonWriter writer, BatchEvents value, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    private static BatchEvent ReadEvent(ref Utf8JsonReader reader, int index, ref string? problem)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            problem ??= $"events[{index}] must be an object: {{ eventType, data, messageId, basedOnSequence, signature }}.";
            return new(null, EventData.Empty, null);
        }
        var (eventType, data, messageId, basedOn) = ((string?)null, EventData.Empty, (string?)null, (long?)null);
        SentSignature? signature = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(ref reader);
            reader.Read();
            if (member == Member.Data) data = EventDataReader.Read(ref reader);
            else if (member == Member.EventType) eventType = ReadText(ref reader, "eventType", index, ref problem);
            else if (member == Member.MessageId) messageId = ReadText(ref reader, "messageId", index, ref problem);
            else if (member == Member.BasedOnSequence) basedOn = ReadNumber(ref reader, "basedOnSequence", index, ref problem);
            else if (member == Member.Signature) signature = SentSignatureConverter.ReadOrNull(ref reader);
            else reader.Skip();
        }
        return new(eventType, data, messageId, basedOn, signature);
    }

    private static Member MemberOf(ref Utf8JsonReader reader)
    {
        // An escaped name may be no text at all, which is said by an exception.
        if (reader.ValueIsEscaped) return Member.Other;
        return reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("Data"u8) ? Member.Data
            : reader.ValueTextEquals("eventType"u8) || reader.ValueTextEquals("EventType"u8) ? Member.EventType
            : reader.ValueTextEquals("messageId"u8) || reader.ValueTextEquals("MessageId"u8) ? Member.MessageId
            : reader.ValueTextEquals("basedOnSequence"u8) || reader.ValueTextEquals("BasedOnSequence"u8) ? Member.BasedOnSequence
            : reader.ValueTextEquals("signature"u8) || reader.ValueTextEquals("Signature"u8) ? Member.Signature
            : Member.Other;
    }

    private static string? ReadText(ref Utf8JsonReader reader, string name, int index, ref string? problem)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        try
        {
            if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
        }
        reader.Skip();
        problem ??= $"events[{index}].{name} must be a string.";
        return null;
    }

    private static long? ReadNumber(ref Utf8JsonReader reader, string name, int index, ref string? problem)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)) return number;
        reader.Skip();
        problem ??= $"events[{index}].{name} must be a whole number or null.";
        return null;
    }

    private enum Member
    {
        Other,
        EventType,
        Data,
        MessageId,
        BasedOnSequence,
        Signature,
    }
}
