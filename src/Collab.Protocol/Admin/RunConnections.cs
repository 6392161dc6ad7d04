namespace Collab.Protocol;

/// <summary>The answer to <c>GET /api/admin/websocket/connections/{runId}</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ConnectionCount">How many connections have joined it.</param>
/// <param name="Connections">Those connections, oldest first, at most <c>limit</c> from <c>offset</c> on.</param>
/// <param name="ActiveUsers">The users who are there, by any transport, sorted.</param>
public sealed record RunConnections(
    Guid RunId, int ConnectionCount, IReadOnlyList<RunSession> Connections, IReadOnlyList<string> ActiveUsers)
    : ClusterAnswer
{
    /// <summary>
    /// The newest event's number, as the servers that were asked know it; 0: the run has none, or is not active on any of them.
    /// </summary>
    public long LastSequence { get; init; }

    /// <summary>Whether the list of connections ends early: other servers tell no more of theirs. Ask each of them by itself.</summary>
    public bool IsCut { get; init; }
}
