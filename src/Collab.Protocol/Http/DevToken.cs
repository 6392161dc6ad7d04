using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>A token for development.</summary>
/// <param name="Token">A JWT.</param>
/// <param name="ExpiresAt">When it ends, ISO 8601.</param>
public sealed record DevToken(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>
    /// The secret that the user's client signs its publishes with. Null, and absent: the server is configured with none
    /// (<c>Collab:Signing:Clients:Secret</c>).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SigningSecret { get; init; }
}
