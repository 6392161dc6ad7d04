using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Collab.Hostile.Inputs;
using Collab.TestKit;

namespace Collab.Hostile.Kinds;

/// <summary>
/// Tokens: of the corpus' claims, signed and then changed, or changed and then signed. Only one that is signed with the key is let in, and
/// none makes the server fail.
/// </summary>
internal sealed class TokenKind : HttpKind
{
    private static readonly IReadOnlyList<byte[]> Claims = Corpus.Texts("claims.jsonl");

    private static readonly IReadOnlyList<byte[]> Headers =
    [
        """{"alg":"HS256","typ":"JWT"}"""u8.ToArray(), """{"alg":"none"}"""u8.ToArray(), """{"alg":"HS512"}"""u8.ToArray(),
        """{"alg":"RS256","kid":"../../dev/null","jku":"http://127.0.0.1:1/"}"""u8.ToArray(), """{"alg":"HS256","crit":["b64"],"b64":false}"""u8.ToArray(),
    ];

    public override string Name => "tokens";

    protected override (byte[] Request, bool IsSure, bool MayWait) RequestOf(Mutator mutator)
    {
        var token = TokenOf(mutator);
        var inQuery = mutator.Chance(0.3);
        var path = $"/api/runs/{Stage.Run}/collaboration/{(inQuery ? "stream" : "state")}{(inQuery ? $"?access_token={Uri.EscapeDataString(token)}" : "")}";
        var header = inQuery ? "" : $"Authorization: Bearer {token}\r\n";
        if (!inQuery && mutator.Chance(0.4)) return (SignedPublish(header), token.Length < 8_000, MayWait: false);
        return (Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: {Stage.Address.Authority}\r\n{header}\r\n"), token.Length < 8_000, MayWait: false);
    }

    protected override string? Problem(RawAnswer answer, byte[] request)
    {
        var text = Encoding.Latin1.GetString(request);
        var token = text.Contains("access_token=", StringComparison.Ordinal)
            ? Uri.UnescapeDataString(text.Split("access_token=")[1].Split(' ')[0])
            : text.Split("Bearer ")[1].Split("\r\n")[0];
        return answer.Status is 200 or 201 && !IsSigned(token.Trim()) ? $"let in with {token}" : base.Problem(answer, request);
    }

    /// <summary>With a signature of now, so that it comes to the key that the token may name.</summary>
    private byte[] SignedPublish(string header)
    {
        var signature = $$"""{"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}},"nonce":"{{Guid.NewGuid():N}}","value":"{{new string('A', 86)}}"}""";
        var body = $$"""{"eventType":"FLAG","data":{"stepId":"PM"},"messageId":"{{Guid.NewGuid()}}","signature":{{signature}}}""";
        var head = $"POST /api/runs/{Stage.Run}/collaboration/events HTTP/1.1\r\nHost: {Stage.Address.Authority}\r\n{header}Content-Type: application/json\r\n";
        return Encoding.Latin1.GetBytes(string.Create(null, $"{head}Content-Length: {body.Length}\r\n\r\n{body}"));
    }

    private static string TokenOf(Mutator mutator)
    {
        var header = mutator.Chance(0.9) ? Headers[0] : mutator.Mutate(Headers, asJson: true);
        var claims = mutator.Mutate(Claims, asJson: true);
        var content = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(Dated(claims))}";
        var key = mutator.Chance(0.9) ? TestTokens.Key : "another key, which is as long as the right one is";
        var token = Encoding.ASCII.GetBytes($"{content}.{Base64Url.EncodeToString(Sign(content, key))}");
        if (mutator.Chance(0.4)) token = mutator.ChangeBytes(token, [token]);
        // What a header cannot hold would be no token, but no request either.
        return string.Concat(token.Take(7_000).Select(b => b is > 0x20 and < 0x7f ? (char)b : '~'));
    }

    /// <summary>An hour from now, where the corpus says so.</summary>
    private static byte[] Dated(byte[] claims) => Encoding.Latin1.GetBytes(
        Encoding.Latin1.GetString(claims).Replace("SOON", FormattableString.Invariant($"{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}"), StringComparison.Ordinal));

    private static byte[] Sign(string content, string key) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(content));

    private static bool IsSigned(string token)
    {
        var end = token.LastIndexOf('.');
        if (end < 0) return false;
        try
        {
            return Base64Url.DecodeFromChars(token.AsSpan(end + 1)).AsSpan().SequenceEqual(Sign(token[..end], TestTokens.Key));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
