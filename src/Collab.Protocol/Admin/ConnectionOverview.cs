namespace Collab.Protocol;

/// <summary>
/// The answer to <c>GET /api/admin/websocket/connections</c>: who is connected now, by hub, stream or a poll that waits.
/// </summary>
/// <param name="TotalRuns">
/// How many runs have a connection. With several servers and thousands of runs on each, one on two servers may count twice.
/// </param>
/// <param name="TotalConnections">How many connections there are, also those that have joined no run.</param>
/// <param name="ConnectionsByRun">
/// How many connections have joined each run, the busiest runs first, at most <c>limit</c>. A connection counts in every run that it has
/// joined.
/// </param>
public sealed record ConnectionOverview(int TotalRuns, int TotalConnections, IReadOnlyDictionary<Guid, int> ConnectionsByRun)
    : ClusterAnswer;
