using System.Security.Claims;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>A publish that a guard is asked about.</summary>
public sealed class PublishContext
{
    private readonly byte[] _json;
    private JsonElement? _data;

    internal PublishContext(byte[] json) => _json = json;

    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who publishes.</summary>
    public required string UserId { get; init; }

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; init; }

    /// <summary>That user as authenticated; null where the application itself publishes.</summary>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>The type of the event. Cursor moves are <see cref="EventTypes.CursorMove"/>.</summary>
    public required string EventType { get; init; }

    /// <summary>Whether the event will be stored.</summary>
    public required bool IsCritical { get; init; }

    /// <summary>Its id, the same in every repeat.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>What it says, an object, as the guards before have left it.</summary>
    public JsonElement Data => _data ??= JsonElement.Parse(_json);

    /// <summary>The data as an object, as <see cref="CollaborationEvent.As{T}()"/>.</summary>
    /// <typeparam name="T">The type that belongs to <see cref="EventType"/>.</typeparam>
    /// <returns>A new object.</returns>
    /// <exception cref="JsonException">The data is not of that type.</exception>
    public T As<T>() => JsonSerializer.Deserialize<T>(_json, EventDataJson.Options) ?? throw new JsonException($"{EventType} has no data.");
}
