namespace Collab.Protocol;

/// <summary>
/// The answer to <c>GET /api/admin/websocket/flights/{traceId}</c>: what became of one client's connections, over reconnects and servers.
/// Each server keeps the last 100 steps of a client in memory, for an hour after the last of them.
/// </summary>
/// <param name="TraceId">What the client calls itself, its <c>clientId</c>; of one that does not say, the session's id.</param>
/// <param name="Entries">The oldest first, by the servers' clocks.</param>
public sealed record FlightRecord(string TraceId, IReadOnlyList<FlightEntry> Entries) : ClusterAnswer;
