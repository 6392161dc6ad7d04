namespace Collab.Client;

/// <summary>The last 100 things that became of a run's connection. It names the client and no person.</summary>
/// <param name="TraceId">
/// By what an administrator finds what the servers saw of this client: <c>GET /api/admin/websocket/flights/{traceId}</c>.
/// </param>
/// <param name="Entries">The oldest first.</param>
public sealed record ConnectionFlight(string TraceId, IReadOnlyList<ConnectionFlightEntry> Entries);
