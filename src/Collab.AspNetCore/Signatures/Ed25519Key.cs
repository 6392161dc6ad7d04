using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Collab.AspNetCore.Signatures;

/// <summary>An Ed25519 public key. .NET has none.</summary>
internal sealed class Ed25519Key
{
    public const int Length = 32;
    public const int SignatureLength = 64;

    private readonly Ed25519.PublicPoint _point;

    private Ed25519Key(Ed25519.PublicPoint point) => _point = point;

    /// <summary>
    /// Reads a key. In full: under a point of small order a signature of one text is that of others too, and the curve's library takes one
    /// unless it is asked.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Ed25519Key? key)
    {
        key = bytes.Length == Length && Ed25519.ValidatePublicKeyFullExport(bytes.ToArray(), 0) is { } point ? new(point) : null;
        return key is not null;
    }

    public bool IsOf(ReadOnlySpan<byte> form, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength) return false;
        var message = form.ToArray();
        return Ed25519.Verify(signature.ToArray(), 0, _point, message, 0, message.Length);
    }
}
