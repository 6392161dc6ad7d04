using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The answer to <see cref="ICollaborationHub.Ping(double, double?)"/>.</summary>
/// <param name="ClientTimestamp">What the client sent.</param>
/// <param name="ServerTimestamp">The server's clock, Unix milliseconds.</param>
/// <param name="LastSequences">
/// The last sequence number of each run this connection joined. A client that has seen less, and stays behind, joins again.
/// </param>
public sealed record Pong(double ClientTimestamp, long ServerTimestamp, IReadOnlyDictionary<Guid, long> LastSequences)
{
    /// <summary>
    /// By run, by user id: up to which number each user has applied the run, of those whose mark has moved since this connection was told
    /// last. Null, and absent, where the ping had no marks.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, long>>? Seen { get; init; }
}
