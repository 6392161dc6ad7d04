namespace Collab.Protocol;

/// <summary>A token for development.</summary>
/// <param name="Token">A JWT.</param>
/// <param name="ExpiresAt">When it ends, ISO 8601.</param>
public sealed record DevToken(string Token, DateTimeOffset ExpiresAt);
