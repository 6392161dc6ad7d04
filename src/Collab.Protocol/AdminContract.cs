using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>By what way a client follows runs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConnectionKind>))]
public enum ConnectionKind
{
    /// <summary><c>websocket</c>: the hub over a WebSocket.</summary>
    [JsonStringEnumMemberName("websocket")]
    WebSocket,

    /// <summary><c>sse</c>: the hub over SignalR's server-sent events.</summary>
    [JsonStringEnumMemberName("sse")]
    Sse,

    /// <summary><c>longpolling</c>: the hub over SignalR's long polling.</summary>
    [JsonStringEnumMemberName("longpolling")]
    LongPolling,

    /// <summary><c>stream</c>: <c>GET /api/runs/{runId}/collaboration/stream</c>.</summary>
    [JsonStringEnumMemberName("stream")]
    Stream,

    /// <summary><c>poll</c>: a poll that waits for news.</summary>
    [JsonStringEnumMemberName("poll")]
    Poll,
}

/// <summary>The answer to <c>GET /api/admin/websocket/connections</c>: who is connected to one server now, by hub, stream or a poll that waits.</summary>
/// <param name="TotalRuns">How many runs have a connection.</param>
/// <param name="TotalConnections">How many connections there are, also those that have joined no run.</param>
/// <param name="ConnectionsByRun">How many connections have joined each run, the busiest runs first, at most <c>limit</c>. A connection counts in every run that it has joined.</param>
public sealed record ConnectionOverview(int TotalRuns, int TotalConnections, IReadOnlyDictionary<Guid, int> ConnectionsByRun);

/// <summary>The answer to <c>GET /api/admin/websocket/connections/{runId}</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ConnectionCount">How many connections have joined it.</param>
/// <param name="Connections">Those connections, oldest first, at most <c>limit</c> from <c>offset</c> on.</param>
/// <param name="ActiveUsers">The users who are there, by any transport, sorted.</param>
public sealed record RunConnections(Guid RunId, int ConnectionCount, IReadOnlyList<RunSession> Connections, IReadOnlyList<string> ActiveUsers);

/// <summary>A connection that has joined a run.</summary>
/// <param name="SessionId">The connection.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="ConnectedAt">Unix milliseconds.</param>
/// <param name="Kind">By what way it follows the run.</param>
public sealed record RunSession(string SessionId, string UserId, long ConnectedAt, ConnectionKind Kind = ConnectionKind.WebSocket);

/// <summary>How one connection, stream or poll that waits fares, or fared: one element of <c>GET /api/admin/websocket/metrics</c>.</summary>
/// <param name="SessionId">The connection.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="RunId">The run that it joined last; null if it is in none.</param>
/// <param name="RunIds">All runs that it is in, or was in at its end, the one joined last at the end.</param>
/// <param name="ConnectedAt">Unix milliseconds.</param>
/// <param name="DisconnectedAt">Unix milliseconds; null while it is connected.</param>
/// <param name="ReconnectionCount">How often its client had come back when it joined; carried on from connection to connection.</param>
/// <param name="MessagesSent">Events that were handed to it, in calls of <c>ReceiveEvents</c> and in answers to joins.</param>
/// <param name="MessagesReceived">Publishes and cursor moves that came from it, accepted or refused.</param>
/// <param name="MessageFailures">Publishes and cursor moves of it that were refused, and deliveries to it that were given up.</param>
/// <param name="AverageLatencyMs">Mean of the round trips that the client reported, in milliseconds; null before the first.</param>
/// <param name="MaxLatencyMs">The longest of them.</param>
/// <param name="MessageDeliveryRate">Events sent / (sent + given up), 0 to 1; 1 before the first.</param>
/// <param name="ConnectionQuality">0 to 100, see <see cref="Protocol.ConnectionQuality"/>.</param>
/// <param name="HealthStatus">What the quality amounts to.</param>
/// <param name="LastActivity">When its client last called the hub, Unix milliseconds.</param>
/// <param name="Kind">By what way it follows runs.</param>
/// <param name="Reason">Why the server ended it, an <see cref="EndingCode"/> as on the wire; null if it has not.</param>
public sealed record ConnectionMetrics(
    string SessionId,
    string UserId,
    Guid? RunId,
    IReadOnlyList<Guid> RunIds,
    long ConnectedAt,
    long? DisconnectedAt,
    int ReconnectionCount,
    long MessagesSent,
    long MessagesReceived,
    long MessageFailures,
    double? AverageLatencyMs,
    double? MaxLatencyMs,
    double MessageDeliveryRate,
    double ConnectionQuality,
    ConnectionStatus HealthStatus,
    long LastActivity,
    ConnectionKind Kind = Protocol.ConnectionKind.WebSocket,
    string? Reason = null);

/// <summary>The answer to <c>GET /api/admin/websocket/health</c>: how the present connections fare together.</summary>
/// <param name="TotalConnections">How many there are.</param>
/// <param name="HealthyConnections">Those with a quality of 80 or more.</param>
/// <param name="DegradedConnections">Those from 50 to below 80.</param>
/// <param name="UnhealthyConnections">Those below 50.</param>
/// <param name="AverageQualityScore">Mean quality, 0 to 100; 100 if there is no connection.</param>
/// <param name="OverallHealth">What that mean amounts to.</param>
public sealed record ConnectionsHealth(
    int TotalConnections,
    int HealthyConnections,
    int DegradedConnections,
    int UnhealthyConnections,
    double AverageQualityScore,
    ConnectionStatus OverallHealth);

/// <summary>The answer to <c>DELETE /api/admin/websocket/users/{userId}</c>.</summary>
/// <param name="Ended">How many connections, streams and polls that waited were ended.</param>
public sealed record UserDisconnected(int Ended);

/// <summary>The answer to <c>POST /api/admin/websocket/cleanup-stale</c>.</summary>
/// <param name="Removed">How many ended connections were forgotten.</param>
public sealed record CleanupResult(int Removed);

/// <summary>The answer to <c>GET /api/health/websocket</c>. Counts begin with the server's start.</summary>
/// <param name="TotalConnections">Hub connections that were let in so far.</param>
/// <param name="ActiveConnections">Those that are open now.</param>
/// <param name="MessagesProcessed">Publishes and cursor moves that arrived, by hub or HTTP, accepted or refused.</param>
/// <param name="Errors">Publishes that failed, deliveries that were given up, and other hub calls and connections that were refused.</param>
/// <param name="UptimeSeconds">Whole seconds since the start.</param>
/// <param name="WebSocketPort">The port that the hub is reached at; null where the server has none of its own.</param>
public sealed record WebSocketHealth(
    long TotalConnections,
    long ActiveConnections,
    long MessagesProcessed,
    long Errors,
    long UptimeSeconds,
    [property: JsonPropertyName("websocketPort")] int? WebSocketPort);

/// <summary>The answer to <c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
/// <param name="Status"><c>Healthy</c>, or <c>Unhealthy</c> with status 503.</param>
/// <param name="Checks">Each part that was looked at, and how it is; never why.</param>
public sealed record HealthReport(string Status, IReadOnlyDictionary<string, string> Checks);
