using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Collab.Protocol;

/// <summary>
/// The secrets with which users' clients sign what they publish: one for each user, made of the one that the servers are configured with
/// (<c>Collab:Signing:Clients:Secret</c>). The application that issues tokens gives each user's to that user's client alone.
/// </summary>
public static class ClientSecrets
{
    /// <summary>How many bytes a secret has at least.</summary>
    public const int MinimumBytes = 32;

    /// <summary>The secret of a user.</summary>
    /// <param name="secret">The servers' one, of at least 32 bytes of UTF-8.</param>
    /// <param name="userId">The user: the token's <c>sub</c>.</param>
    /// <returns>
    /// The HMAC-SHA256 under it of the text <c>collab.client.1</c> and an object with <c>userId</c>, in the form of docs/protocol.md, as
    /// base64url without padding: 43 characters, whose UTF-8 is the key that the user's client signs with.
    /// </returns>
    /// <exception cref="ArgumentException">The servers' secret is too short, or the user has no id.</exception>
    public static string For(string secret, string userId)
    {
        var key = KeyOf(secret);
        ArgumentException.ThrowIfNullOrEmpty(userId);
        var form = CanonicalForm.OfThread();
        form.WriteClient(userId);
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, form.Written));
    }

    /// <summary>The key that a secret is, the servers' or a user's.</summary>
    /// <exception cref="ArgumentException">It is too short.</exception>
    internal static byte[] KeyOf(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return IsTooShort(secret)
            ? throw new ArgumentException($"It must have at least {MinimumBytes} bytes.", nameof(secret))
            : Encoding.UTF8.GetBytes(secret);
    }

    internal static bool IsTooShort(string secret) => Encoding.UTF8.GetByteCount(secret) < MinimumBytes;
}
