using System.Diagnostics.CodeAnalysis;

namespace Collab.Protocol;

/// <summary>
/// A signature as it stands in an event: the id of the key, the HMAC, and the beginning of the HMAC before it, with a point between them.
/// Where there is none before it, it ends after the HMAC.
/// </summary>
/// <param name="KeyId">Which key.</param>
/// <param name="Mac">The HMAC, base64url without padding.</param>
/// <param name="Previous">
/// The first <see cref="LinkLength"/> characters of the HMAC of the event before; null: the chain begins here.
/// </param>
internal readonly record struct EventSignature(string KeyId, string Mac, string? Previous)
{
    /// <summary>132 bits of an HMAC, enough that no other is found with the same.</summary>
    public const int LinkLength = 22;

    private const int MacLength = 43;

    /// <summary>What the next signature begins from.</summary>
    public string Link => Mac[..LinkLength];

    /// <summary>Reads a signature. False: it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventSignature signature)
    {
        signature = default;
        var parts = text?.Split('.');
        if (parts is not { Length: 2 or 3 } || parts[0].Length == 0 || parts[1].Length != MacLength) return false;
        if (parts.Length == 3 && parts[2].Length != LinkLength) return false;
        signature = new(parts[0], parts[1], parts.Length == 3 ? parts[2] : null);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Previous is null ? $"{KeyId}.{Mac}" : $"{KeyId}.{Mac}.{Previous}";
}
