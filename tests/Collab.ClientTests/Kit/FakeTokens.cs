using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Collab.ClientTests.Kit;

/// <summary>Tokens without a signature: clients read tokens, they do not check them.</summary>
internal static class FakeTokens
{
    public static string Create(string? user, DateTimeOffset? expiresAt, int id, DateTimeOffset? issuedAt = null)
    {
        var claims = new JsonObject { ["jti"] = id };
        if (user is not null) claims["sub"] = user;
        if (expiresAt is { } end) claims["exp"] = end.ToUnixTimeMilliseconds() / 1000.0;
        if (issuedAt is { } start) claims["iat"] = start.ToUnixTimeMilliseconds() / 1000.0;
        return $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.unsigned";
    }

    /// <summary>The id that it was given.</summary>
    public static int IdOf(string token) => (int)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!["jti"]!;
}
