using System.Security.Cryptography;
using System.Text;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// Signs what is published, for servers that want that (<c>Collab:Signing:Clients</c>). Each event is signed when it is sent, however long
/// it waited, and again when it is sent again. Cursor moves are not signed.
/// </summary>
public sealed class PublishSigner
{
    private readonly Func<ReadOnlyMemory<byte>, string, CancellationToken, ValueTask<byte[]?>> _sign;

    private PublishSigner(Func<ReadOnlyMemory<byte>, string, CancellationToken, ValueTask<byte[]?>> sign) => _sign = sign;

    /// <summary>Signs by HMAC-SHA256 with the secret of the client's user.</summary>
    /// <param name="secret">The user's secret (<see cref="ClientSecrets"/>, or the application's own), of 32 bytes or more.</param>
    /// <returns>The signer.</returns>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public static PublishSigner Hmac(string secret)
    {
        var key = ClientSecrets.KeyOf(secret);
        return new((form, _, _) => new(HMACSHA256.HashData(key, form.Span)));
    }

    /// <summary>As <see cref="Hmac(string)"/>, where the secret has to be got, or the user can change.</summary>
    /// <param name="secret">
    /// Gets the secret of a user, asked whenever something is sent; null: that user's events are sent without a signature. If it throws,
    /// the publish counts as refused with <c>unavailable</c>, and is tried again.
    /// </param>
    /// <returns>The signer.</returns>
    public static PublishSigner Hmac(Func<string, CancellationToken, ValueTask<string?>> secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return new(async (form, userId, stop) =>
            await secret(userId, stop).ConfigureAwait(false) is { } text
                ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(text), form.Span)
                : null);
    }

    /// <summary>Signs in a way of the application's own: by Ed25519, say, whose public key the token names.</summary>
    /// <param name="sign">
    /// Makes the signature of some bytes for a user; null: none. It is called for each event, outside of the client's turns. If it throws,
    /// the publish counts as refused with <c>unavailable</c>, and is tried again.
    /// </param>
    /// <returns>The signer.</returns>
    public static PublishSigner With(Func<ReadOnlyMemory<byte>, string, CancellationToken, ValueTask<byte[]?>> sign)
    {
        ArgumentNullException.ThrowIfNull(sign);
        return new(sign);
    }

    internal ValueTask<byte[]?> SignAsync(ReadOnlyMemory<byte> form, string userId, CancellationToken stop) => _sign(form, userId, stop);
}
