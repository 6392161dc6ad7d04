using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Collab.AspNetCore.Cluster;

/// <summary>What a message between servers tells.</summary>
internal enum NewsKind : byte
{
    /// <summary>Of a later version.</summary>
    Unknown = 0,

    /// <summary>Events of one run, in order, each with its length; without them only how far the run is.</summary>
    Events = 1,

    /// <summary>One ephemeral event.</summary>
    Ephemeral = 2,

    /// <summary>A server's users in a run: what is new, or all of them.</summary>
    Presence = 3,

    /// <summary>How far the runs are that a server has written to.</summary>
    Positions = 4,

    /// <summary>A server is there.</summary>
    Heartbeat = 5,

    /// <summary>A server ends.</summary>
    Goodbye = 6,

    /// <summary>A run was erased. With an id, where an epoch stands, it is to be answered.</summary>
    Erased = 7,

    /// <summary>A user's connections are to be ended. With an id, where an epoch stands, it is to be answered.</summary>
    Disconnect = 8,

    /// <summary>Who is in a run?</summary>
    WhoIsThere = 9,

    /// <summary>The version of what a server has told last of its users, for each run.</summary>
    Versions = 10,

    /// <summary>What are those versions? The one who asks could not be heard for a while, or not hear.</summary>
    WhichVersions = 11,

    /// <summary>Users in a run whose server has ended in order; they are on their way to another.</summary>
    Kept = 12,

    /// <summary>Something that each server that knows it answers. Its id stands where an epoch does.</summary>
    Question = 20,

    /// <summary>A part of an answer, for the server whose id stands where a run's does.</summary>
    Answer = 21,

    /// <summary>
    /// How many connections users have on a server: those of whom it has changed, for all, or all of them, for the server whose id stands
    /// where a run's does.
    /// </summary>
    Counts = 22,

    /// <summary>How many have all of them? For the server whose id stands where a run's does.</summary>
    WhichCounts = 23,
}

/// <summary>
/// The one form of a message between servers: a head of fixed length, what it tells, and, where servers share a key, an HMAC of both. An
/// unknown version or kind is known to be about a run, if it is about one.
/// </summary>
internal readonly ref struct Envelope
{
    public const int HeadBytes = 70;
    public const int HmacBytes = 32;
    private const byte Version = 1;

    /// <summary>What it tells; a value that is not defined is of a later version too.</summary>
    public NewsKind Kind { get; init; }

    /// <summary>Which server: an id that it takes at its start.</summary>
    public Guid Sender { get; init; }

    /// <summary>Which run; empty where it is about none.</summary>
    public Guid RunId { get; init; }

    /// <summary>Identity of the run's log; empty where it is about none.</summary>
    public Guid Epoch { get; init; }

    /// <summary>The first event's number, or the version of what it tells.</summary>
    public long First { get; init; }

    /// <summary>Of how many it tells.</summary>
    public int Count { get; init; }

    /// <summary>When, in Unix milliseconds by the sender's clock.</summary>
    public long SentAt { get; init; }

    /// <summary>What follows the head.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>How many bytes a body may have for a bus to take the message, with or without a key.</summary>
    public static int RoomOn(ICollabBus bus) => bus.MaxMessageBytes - HeadBytes - HmacBytes;

    /// <summary>Writes it as one message.</summary>
    /// <param name="key">The servers' key; null: they have none.</param>
    public byte[] ToMessage(byte[]? key)
    {
        var message = new byte[HeadBytes + Body.Length + (key is null ? 0 : HmacBytes)];
        (message[0], message[1]) = (Version, (byte)Kind);
        Sender.TryWriteBytes(message.AsSpan(2));
        RunId.TryWriteBytes(message.AsSpan(18));
        Epoch.TryWriteBytes(message.AsSpan(34));
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(50), First);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(58), Count);
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(62), SentAt);
        Body.CopyTo(message.AsSpan(HeadBytes));
        if (key is null) return message;
        var signed = message.Length - HmacBytes;
        HMACSHA256.HashData(key, message.AsSpan(0, signed), message.AsSpan(signed));
        return message;
    }

    /// <summary>Reads a message. False: it is none of a server that has the key.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, byte[]? key, out Envelope envelope)
    {
        envelope = default;
        if (key is not null)
        {
            if (message.Length < HmacBytes) return false;
            Span<byte> hmac = stackalloc byte[HmacBytes];
            HMACSHA256.HashData(key, message[..^HmacBytes], hmac);
            if (!CryptographicOperations.FixedTimeEquals(hmac, message[^HmacBytes..])) return false;
            message = message[..^HmacBytes];
        }
        if (message.Length < HeadBytes) return false;
        envelope = new()
        {
            Kind = message[0] == Version ? (NewsKind)message[1] : NewsKind.Unknown,
            Sender = new(message[2..18]),
            RunId = new(message[18..34]),
            Epoch = new(message[34..50]),
            First = BinaryPrimitives.ReadInt64LittleEndian(message[50..]),
            Count = BinaryPrimitives.ReadInt32LittleEndian(message[58..]),
            SentAt = BinaryPrimitives.ReadInt64LittleEndian(message[62..]),
            Body = message[HeadBytes..],
        };
        return true;
    }

    public static byte[]? KeyOf(string? secret) => secret is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
