using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The answer to <c>GET /api/health/websocket</c>. Counts begin with the server's start.</summary>
/// <param name="TotalConnections">Hub connections that were let in so far.</param>
/// <param name="ActiveConnections">Those that are open now.</param>
/// <param name="MessagesProcessed">Publishes and cursor moves that arrived, by hub or HTTP, accepted or refused.</param>
/// <param name="Errors">
/// Publishes that failed, deliveries that were given up, and other hub calls and connections that were refused.
/// </param>
/// <param name="UptimeSeconds">Whole seconds since the start.</param>
/// <param name="WebSocketPort">The port that the hub is reached at; null where the server has none of its own.</param>
public sealed record WebSocketHealth(
    long TotalConnections,
    long ActiveConnections,
    long MessagesProcessed,
    long Errors,
    long UptimeSeconds,
    [property: JsonPropertyName("websocketPort")] int? WebSocketPort);
