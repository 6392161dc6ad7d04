using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Http;

/// <summary>
/// A position in the list of runs, as a client carries it from page to page. It may lie at a run that the client must not know of, so it is
/// sealed with a key that only the servers of a store have, for the user it was made for: nobody can read it, make one up, or use another
/// user's.
/// </summary>
internal static class ListCursor
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int PositionBytes = sizeof(long) + 16;
    private const int Bytes = NonceBytes + PositionBytes + TagBytes;

    public static string Seal(byte[] key, string userId, DateTime updatedAt, Guid runId)
    {
        Span<byte> position = stackalloc byte[PositionBytes];
        BinaryPrimitives.WriteInt64BigEndian(position, updatedAt.Ticks);
        runId.TryWriteBytes(position[sizeof(long)..]);
        Span<byte> cursor = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(cursor[..NonceBytes]);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(cursor[..NonceBytes], position, cursor[NonceBytes..^TagBytes], cursor[^TagBytes..], Encoding.UTF8.GetBytes(userId));
        return Base64Url.EncodeToString(cursor);
    }

    /// <exception cref="RefusedException"><c>invalid_event</c>: no server of this store made it for this user.</exception>
    public static (DateTime UpdatedAt, Guid RunId) Open(byte[] key, string userId, string text)
    {
        Span<byte> cursor = stackalloc byte[Bytes];
        Span<byte> position = stackalloc byte[PositionBytes];
        try
        {
            if (!Base64Url.TryDecodeFromChars(text, cursor, out var length) || length != Bytes) throw Refused();
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(cursor[..NonceBytes], cursor[NonceBytes..^TagBytes], cursor[^TagBytes..], position, Encoding.UTF8.GetBytes(userId));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw Refused();
        }
        return (new(BinaryPrimitives.ReadInt64BigEndian(position), DateTimeKind.Utc), new(position[sizeof(long)..]));
    }

    private static RefusedException Refused() => RefusedException.Invalid("cursor must be the nextCursor of an earlier page.");
}
