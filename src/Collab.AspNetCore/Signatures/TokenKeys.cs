using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Json;

namespace Collab.AspNetCore.Signatures;

/// <summary>
/// The Ed25519 key that a token binds its publishes to, in the claim <c>cnf</c> (RFC 7800): <c>{ "jwk": { "kty": "OKP", "crv": "Ed25519",
/// "x": … } }</c>. Other members of <c>cnf</c> are about other proofs, and mean nothing here.
/// </summary>
internal sealed class TokenKeys
{
    public const string ClaimType = "cnf";

    /// <summary>How many are remembered: to read one takes as long as to verify a signature.</summary>
    private const int Capacity = 1024;

    private const int MaxLength = 4096;

    /// <summary>What no token's key can be read from.</summary>
    private static readonly Found NoKey = new(IsNamed: true, Key: null);

    private readonly ConcurrentDictionary<string, Found> _found = new(StringComparer.Ordinal);

    /// <summary>The key that a token names.</summary>
    /// <returns>Whether it names one at all; null: one that signatures cannot be verified with.</returns>
    public (bool IsNamed, ClientKey? Key) Of(ClaimsPrincipal user)
    {
        string? confirmation = null;
        foreach (var claim in user.FindAll(ClaimType))
        {
            // A list of them, and nothing that says which counts.
            if (confirmation is not null) return (true, null);
            confirmation = claim.Value;
        }
        if (confirmation is null) return (false, null);
        var found = _found.TryGetValue(confirmation, out var known) ? known : Remember(confirmation, Read(confirmation));
        return (found.IsNamed, found.Key);
    }

    private Found Remember(string confirmation, Found found)
    {
        if (confirmation.Length > MaxLength) return found;
        // Those that are still in use are read once more; an order of use would cost every publish.
        if (_found.Count >= Capacity) _found.Clear();
        _found[confirmation] = found;
        return found;
    }

    private static Found Read(string confirmation)
    {
        try
        {
            using var json = JsonDocument.Parse(confirmation);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return NoKey;
            if (!json.RootElement.TryGetProperty("jwk", out var jwk)) return new(IsNamed: false, Key: null);
            if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "kty") != "OKP" || Text(jwk, "crv") != "Ed25519") return NoKey;
            return new(IsNamed: true, ReadKey(Text(jwk, "x")));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is none.
            return NoKey;
        }
    }

    private static ClientKey? ReadKey(string? x)
    {
        Span<byte> bytes = stackalloc byte[Ed25519Key.Length];
        var isRead = Base64Url.DecodeFromChars(x, bytes, out _, out var length) == OperationStatus.Done;
        return isRead && Ed25519Key.TryRead(bytes[..length], out var key) ? new(key) : null;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Found(bool IsNamed, ClientKey? Key);
}
