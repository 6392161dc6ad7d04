using System.Buffers.Text;
using System.Text.Json;

namespace Collab.Client;

/// <summary>What a token says, unchecked: the server checks it.</summary>
/// <param name="UserId">The <c>sub</c>.</param>
/// <param name="IssuedAt">When it was made, by its issuer's clock.</param>
/// <param name="ExpiresAt">When it ends, by its issuer's clock.</param>
internal readonly record struct TokenClaims(string? UserId, DateTimeOffset? IssuedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>The claims of a JWT; nothing for a token of another kind, and for none.</summary>
    public static TokenClaims Of(string? token)
    {
        if (token?.Split('.') is not [_, var payload, ..]) return default;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return new(claims.RootElement.Text("sub"), Time(claims, "iat"), Time(claims, "exp"));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return default;
        }
    }

    private static DateTimeOffset? Time(JsonDocument claims, string name) =>
        claims.RootElement.TryGetProperty(name, out var claim) && claim.TryGetDouble(out var seconds)
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}
