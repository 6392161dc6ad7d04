using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Collab.AspNetCore.Signatures;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>What a signature of a user's client is verified with.</summary>
public sealed class ClientKey
{
    private readonly byte[]? _secret;
    private readonly Ed25519Key? _publicKey;

    private ClientKey(byte[] secret) => _secret = secret;

    internal ClientKey(Ed25519Key publicKey) => _publicKey = publicKey;

    /// <summary>A secret that the user's client has too: it signs by HMAC-SHA256.</summary>
    /// <param name="secret">At least 32 bytes of UTF-8, which are the key.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public static ClientKey Secret(string secret) => new(ClientSecrets.KeyOf(secret));

    /// <summary>The public half of an Ed25519 key of the user's client.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">
    /// It is none: of another length, no point of the curve, or one with which signatures say nothing (of small order).
    /// </exception>
    public static ClientKey Ed25519(ReadOnlySpan<byte> publicKey) =>
        Ed25519Key.TryRead(publicKey, out var key) ? new(key) : throw new ArgumentException("It is no Ed25519 key.", nameof(publicKey));

    /// <summary>Whether a signature is that of these bytes.</summary>
    internal bool IsOf(ReadOnlySpan<byte> form, string signature)
    {
        Span<byte> bytes = stackalloc byte[Ed25519Key.SignatureLength];
        // What is no base64url of either length is no signature.
        if (Base64Url.DecodeFromChars(signature, bytes, out _, out var length) != OperationStatus.Done) return false;
        return _publicKey is { } key ? key.IsOf(form, bytes[..length]) : IsMac(form, bytes[..length]);
    }

    private bool IsMac(ReadOnlySpan<byte> form, ReadOnlySpan<byte> signature)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, form, mac);
        return CryptographicOperations.FixedTimeEquals(mac, signature);
    }
}
