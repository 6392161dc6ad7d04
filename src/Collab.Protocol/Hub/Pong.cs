namespace Collab.Protocol;

/// <summary>The answer to <see cref="ICollaborationHub.Ping"/>.</summary>
/// <param name="ClientTimestamp">What the client sent.</param>
/// <param name="ServerTimestamp">The server's clock, Unix milliseconds.</param>
/// <param name="LastSequences">
/// The last sequence number of each run this connection joined. A client that has seen less, and stays behind, joins again.
/// </param>
public sealed record Pong(double ClientTimestamp, long ServerTimestamp, IReadOnlyDictionary<Guid, long> LastSequences);
