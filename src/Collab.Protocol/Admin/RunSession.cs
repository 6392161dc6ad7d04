namespace Collab.Protocol;

/// <summary>A connection that has joined a run.</summary>
/// <param name="SessionId">The connection.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="ConnectedAt">Unix milliseconds.</param>
/// <param name="Kind">By what way it follows the run.</param>
/// <param name="Server">The name of the server that it is on; null: not told.</param>
public sealed record RunSession(
    string SessionId, string UserId, long ConnectedAt, ConnectionKind Kind = ConnectionKind.WebSocket, string? Server = null)
{
    /// <summary>The number up to which its client has applied the run, as it said last; null: it has not said.</summary>
    public long? Seen { get; init; }
}
