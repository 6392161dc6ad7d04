using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// The keys of a server's signatures, each an id and a secret. The first one signs, all of them verify. docs/signing.md says what for,
/// docs/protocol.md what is signed.
/// </summary>
internal sealed class SigningKeys
{
    public const int MinimumSecretBytes = 32;

    private static readonly SearchValues<char> Ids =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly Dictionary<string, byte[]> _secrets = new(StringComparer.Ordinal);
    private readonly string _first;

    /// <param name="keys">Each <c>id:secret</c>, one at least. See <see cref="Problem"/>.</param>
    /// <exception cref="ArgumentException">One of them is none.</exception>
    public SigningKeys(IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
        {
            if (Problem(key) is { } problem) throw new ArgumentException(problem, nameof(keys));
            var at = key.IndexOf(':', StringComparison.Ordinal);
            if (!_secrets.TryAdd(key[..at], Encoding.UTF8.GetBytes(key[(at + 1)..])))
                throw new ArgumentException("Two keys have one id.", nameof(keys));
        }
        _first = IdOf(keys[0]);
    }

    /// <summary>The id of a key that has no <see cref="Problem"/>.</summary>
    public static string IdOf(string key) => key[..key.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>What is wrong with a key, without anything of its secret; null: nothing.</summary>
    public static string? Problem(string key)
    {
        var at = key.IndexOf(':', StringComparison.Ordinal);
        if (at < 0) return "must be an id and a secret with a colon between them.";
        if (at is 0 or > 32 || key[..at].AsSpan().ContainsAnyExcept(Ids))
            return "its id must have 1 to 32 letters, digits, - and _ before the colon.";
        return Encoding.UTF8.GetByteCount(key.AsSpan(at + 1)) < MinimumSecretBytes
            ? $"its secret, after the colon, must have at least {MinimumSecretBytes} bytes."
            : null;
    }

    public bool Knows(string keyId) => _secrets.ContainsKey(keyId);

    /// <summary>Signs an event.</summary>
    /// <param name="e">The event, with its number.</param>
    /// <param name="previous">The signature before it; null: there is none.</param>
    public string Sign(in SignedEvent e, string? previous)
    {
        var form = CanonicalForm.OfThread();
        form.Write(e, LinkOf(previous));
        return new EventSignature(_first, Mac(form, _secrets[_first]), LinkOf(previous)).ToString();
    }

    /// <summary>Whether a signature is that of an event under one of the keys. What came before it is not looked at.</summary>
    public bool IsOf(in SignedEvent e, in EventSignature signature)
    {
        var form = CanonicalForm.OfThread();
        form.Write(e, signature.Previous);
        return IsMac(form, signature);
    }

    /// <summary>Signs the state that trimmed events have left.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">That of its log.</param>
    /// <param name="sequence">The last event that is in it.</param>
    /// <param name="state">The state, as JSON.</param>
    /// <param name="last">The signature of that event; null: it has none.</param>
    public string SignState(Guid runId, Guid epoch, long sequence, ReadOnlyMemory<byte> state, string? last)
    {
        var form = CanonicalForm.OfThread();
        WriteState(form, runId, epoch, sequence, state, last);
        return new EventSignature(_first, Mac(form, _secrets[_first]), LinkOf(last)).ToString();
    }

    /// <summary>Whether a signature is that of a state. See <see cref="SignState"/>.</summary>
    public bool IsOfState(Guid runId, Guid epoch, long sequence, ReadOnlyMemory<byte> state, string? last, string? signature)
    {
        if (!EventSignature.TryParse(signature, out var parsed) || parsed.Previous != LinkOf(last)) return false;
        var form = CanonicalForm.OfThread();
        WriteState(form, runId, epoch, sequence, state, last);
        return IsMac(form, parsed);
    }

    private static string? LinkOf(string? signature) => EventSignature.TryParse(signature, out var parsed) ? parsed.Link : null;

    private static void WriteState(
        CanonicalForm form, Guid runId, Guid epoch, long sequence, ReadOnlyMemory<byte> state, string? last)
    {
        using var json = JsonDocument.Parse(state, new JsonDocumentOptions { MaxDepth = 1000 });
        form.Write(runId, epoch, sequence, json.RootElement, LinkOf(last));
    }

    private static string Mac(CanonicalForm form, byte[] secret)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, form.Written, mac);
        return Base64Url.EncodeToString(mac);
    }

    private bool IsMac(CanonicalForm form, in EventSignature signature) =>
        _secrets.TryGetValue(signature.KeyId, out var secret)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Mac(form, secret)), Encoding.UTF8.GetBytes(signature.Mac));
}
