using System.Runtime.InteropServices;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>An event that the application publishes. Its data is copied when it is made, and judged when it is published.</summary>
public readonly record struct NewEvent
{
    private readonly EventData? _data;

    /// <summary>An event whose data is there as UTF-8.</summary>
    /// <param name="eventType">A built-in, added or configured type.</param>
    /// <param name="data">A JSON object.</param>
    /// <param name="messageId">Its id, the same in every repeat; null: a new one.</param>
    /// <exception cref="ArgumentException"><paramref name="data"/> is not JSON.</exception>
    public NewEvent(string eventType, ReadOnlyMemory<byte> data, Guid? messageId = null)
        : this(eventType, Read(data.Span), messageId)
    {
    }

    /// <summary>An event whose data is there as JSON.</summary>
    /// <param name="eventType">A built-in, added or configured type.</param>
    /// <param name="data">An object.</param>
    /// <param name="messageId">Its id, the same in every repeat; null: a new one.</param>
    public NewEvent(string eventType, JsonElement data, Guid? messageId = null)
        : this(eventType, data.ValueKind == JsonValueKind.Undefined ? EventData.Empty : Read(JsonMarshal.GetRawUtf8Value(data)), messageId)
    {
    }

    internal NewEvent(string eventType, EventData data, Guid? messageId) => (EventType, _data, MessageId) = (eventType, data, messageId);

    /// <summary>Its type.</summary>
    public string EventType { get; }

    /// <summary>Its id; null: it gets a new one each time it is published.</summary>
    public Guid? MessageId { get; init; }

    internal EventData Data => _data ?? EventData.Empty;

    /// <summary>An event whose data is an object, which becomes JSON as it does in ASP.NET Core: names in camelCase.</summary>
    /// <typeparam name="T">The type of the data, which may have no name.</typeparam>
    /// <param name="eventType">A built-in, added or configured type.</param>
    /// <param name="data">What it says.</param>
    /// <param name="messageId">Its id, the same in every repeat; null: a new one.</param>
    /// <returns>The event.</returns>
    public static NewEvent Create<T>(string eventType, T data, Guid? messageId = null) =>
        new(eventType, Read(JsonSerializer.SerializeToUtf8Bytes(data, EventDataJson.Options)), messageId);

    internal static EventData Read(ReadOnlySpan<byte> data)
    {
        try
        {
            return EventDataReader.Read(data);
        }
        catch (JsonException e)
        {
            throw new ArgumentException("The data of an event must be JSON.", nameof(data), e);
        }
    }
}
