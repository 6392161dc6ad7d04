namespace Collab.Protocol;

/// <summary>
/// How one connection, stream or poll that waits fares, or fared: one element of <c>GET /api/admin/websocket/metrics</c>.
/// </summary>
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
/// <param name="Server">The name of the server that it is on, or was; null: not told.</param>
/// <param name="TraceId">
/// By what the steps of its client are found (<see cref="FlightRecord"/>): its <c>clientId</c>, or the session's id; null: not told.
/// </param>
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
    string? Reason = null,
    string? Server = null,
    string? TraceId = null)
{
    /// <summary>
    /// By how many events its client was behind the run when it said last what it has applied; of several runs that of which it lacks most.
    /// Null: it has not said, or is not connected any more.
    /// </summary>
    public long? Behind { get; init; }
}
