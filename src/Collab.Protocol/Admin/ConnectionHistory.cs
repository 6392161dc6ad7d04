namespace Collab.Protocol;

/// <summary>
/// The answer to <c>GET /api/admin/websocket/history</c>: the last 15 minutes, as far as the servers remember them. They keep them in
/// memory: what was before a server's start is not there.
/// </summary>
/// <param name="Now">When the answer was made, Unix milliseconds, by the clock of the server that answers.</param>
/// <param name="IntervalMs">How far apart samples are, in milliseconds: 10000.</param>
/// <param name="Samples">At most 90, the oldest first.</param>
public sealed record ConnectionHistory(long Now, int IntervalMs, IReadOnlyList<HistorySample> Samples) : ClusterAnswer;
