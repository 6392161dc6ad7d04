using System.Text.Json;

namespace Collab.Protocol;

/// <summary>The body of <c>POST …/collaboration/events</c>.</summary>
/// <param name="EventType">A built-in or configured type.</param>
/// <param name="Data">The event's data, an object.</param>
/// <param name="MessageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
public sealed record PublishRequest(string EventType, JsonElement Data, Guid? MessageId);
