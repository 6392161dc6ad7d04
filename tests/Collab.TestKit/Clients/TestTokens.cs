using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Collab.TestKit;

/// <summary>Makes JWTs by hand, good and bad ones, so that no library's opinion of a token is tested against itself.</summary>
public static class TestTokens
{
    /// <summary>The signing key that servers under test are configured with (HS256 wants at least 32 bytes).</summary>
    public const string Key = "collab-tests-signing-key-not-used-anywhere-else";

    private static readonly string[] WriteEverywhere = ["*:write"];

    /// <summary>Makes a token.</summary>
    /// <param name="user">The <c>sub</c>.</param>
    /// <param name="access">
    /// The <c>run_access</c> claims; null for <c>*:write</c>. One value becomes a string, several an array, none no claim.
    /// </param>
    /// <param name="admin">Whether the <c>role</c> is <c>admin</c>.</param>
    /// <param name="expires">When it ends; null for an hour from now.</param>
    /// <param name="key">The key to sign with.</param>
    /// <param name="algorithm"><c>HS256</c>, <c>HS512</c>, or <c>none</c> for a token without a signature.</param>
    /// <param name="name">The <c>name</c>, what to call the user; null for none.</param>
    /// <param name="kind">The <c>kind</c>, what the user is; null for none.</param>
    /// <param name="confirmation">The <c>cnf</c>, what proves that the user has sent something; null for none.</param>
    /// <returns>The token in its compact form.</returns>
    public static string Create(
        string user,
        IReadOnlyCollection<string>? access = null,
        bool admin = false,
        DateTimeOffset? expires = null,
        string key = Key,
        string algorithm = "HS256",
        string? name = null,
        string? kind = null,
        object? confirmation = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            ["sub"] = user,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (expires ?? now.AddHours(1)).ToUnixTimeSeconds(),
        };
        access ??= WriteEverywhere;
        if (access.Count > 0) claims["run_access"] = access.Count == 1 ? access.First() : access;
        if (name is not null) claims["name"] = name;
        if (kind is not null) claims["kind"] = kind;
        if (confirmation is not null) claims["cnf"] = confirmation;
        if (admin) claims["role"] = "admin";
        return Sign(claims, key, algorithm);
    }

    /// <summary>A token that claims everything and is not signed.</summary>
    public static string WithoutSignature(string user) => Create(user, admin: true, algorithm: "none");

    /// <summary>A token with the signature of another: signed for one user, then changed to another.</summary>
    public static string Tampered(string user)
    {
        var signed = Create("someone-else").Split('.');
        var changed = Create(user, admin: true).Split('.');
        return $"{changed[0]}.{changed[1]}.{signed[2]}";
    }

    private static string Sign(Dictionary<string, object> claims, string key, string algorithm)
    {
        var header = new Dictionary<string, string> { ["alg"] = algorithm, ["typ"] = "JWT" };
        var content = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{content}.{Encode(Signature(Encoding.ASCII.GetBytes(content), Encoding.UTF8.GetBytes(key), algorithm))}";
    }

    private static byte[] Signature(byte[] content, byte[] key, string algorithm) => algorithm switch
    {
        "none" => [],
        "HS256" => HMACSHA256.HashData(key, content),
        "HS512" => HMACSHA512.HashData(key, content),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Not an algorithm that tests use."),
    };

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
