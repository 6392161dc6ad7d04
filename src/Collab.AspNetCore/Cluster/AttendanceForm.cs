using System.Buffers.Binary;
using System.Text;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Presence;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// How a server's users in a run are written into messages: whether that is all of them, what was told before, and each user.
/// </summary>
internal static class AttendanceForm
{
    /// <summary>No honest message has more; a length that is larger is nonsense.</summary>
    private const int MaxTextBytes = 64 * 1024;
    private const int KeptHeadBytes = 20;

    /// <summary>How much there is besides the users, at most.</summary>
    public const int HeadBytes = KeptHeadBytes + 16;

    /// <summary>Of about how many bytes a user takes.</summary>
    public static int BytesOf(in Attendance one) =>
        16 + (one.UserId.Length * 3) + ((one.UserName?.Length ?? 0) * 3) + ((one.NodeId?.Length ?? 0) * 3) + (one.Move?.Length ?? 0);

    /// <param name="extent">Whether these are all of the server's users in the run.</param>
    /// <param name="before">The version of what was told before; 0 if nothing was.</param>
    /// <param name="some">The users.</param>
    public static byte[] Write(Extent extent, long before, IEnumerable<Attendance> some)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((byte)extent);
        writer.Write(before);
        foreach (var one in some)
        {
            writer.Write(one.UserId);
            writer.Write(one.IsHere);
            WriteText(writer, one.UserName is null ? null : Encoding.UTF8.GetBytes(one.UserName));
            WriteText(writer, one.NodeId is null ? null : Encoding.UTF8.GetBytes(one.NodeId));
            WriteText(writer, one.Move);
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Users of a server that has ended.</summary>
    /// <param name="server">The server.</param>
    /// <param name="left">How long they are still taken to be on their way.</param>
    /// <param name="some">The users.</param>
    public static byte[] WriteKept(Guid server, TimeSpan left, IEnumerable<Attendance> some)
    {
        var head = new byte[KeptHeadBytes];
        server.TryWriteBytes(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), (int)left.TotalMilliseconds);
        return [.. head, .. Write(Extent.Changes, before: 0, some)];
    }

    /// <summary>Reads what <see cref="WriteKept"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static (Guid Server, TimeSpan Left, IReadOnlyList<Attendance> Users) ReadKept(ReadOnlySpan<byte> body, int count)
    {
        if (body.Length < KeptHeadBytes) throw new InvalidDataException("That is no list of users.");
        var left = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadInt32LittleEndian(body[16..]));
        return (new(body[..16]), left, Read(body[KeptHeadBytes..], count, version: 0).Users);
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ServerPart Read(ReadOnlySpan<byte> body, int count, long version)
    {
        try
        {
            if (count is < 0 or > 100_000) throw new InvalidDataException("The number of users makes no sense.");
            using var reader = new BinaryReader(new MemoryStream(body.ToArray()), Encoding.UTF8);
            var (extent, before) = ((Extent)reader.ReadByte(), reader.ReadInt64());
            var some = new List<Attendance>();
            while (some.Count < count)
            {
                var (userId, isHere) = (reader.ReadString(), reader.ReadBoolean());
                var one = new Attendance(userId, isHere, TextOf(ReadText(reader)), TextOf(ReadText(reader)), ReadText(reader));
                some.Add(IsSound(one) ? one : throw new InvalidDataException("A user makes no sense."));
            }
            return new(version, before, extent, some);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("That is no list of users.", e);
        }
    }

    /// <summary>Whether all of it can be told to clients as it is.</summary>
    private static bool IsSound(in Attendance one) =>
        Caller.IsUserId(one.UserId) && (one.UserName is null || Caller.IsUserName(one.UserName))
        && (one.Move is null || ForeignJson.IsObject(one.Move));

    private static void WriteText(BinaryWriter writer, byte[]? text)
    {
        writer.Write(text?.Length ?? -1);
        if (text is not null) writer.Write(text);
    }

    private static byte[]? ReadText(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length == -1) return null;
        if (length is < 0 or > MaxTextBytes) throw new InvalidDataException("The length of a text makes no sense.");
        var text = reader.ReadBytes(length);
        return text.Length == length ? text : throw new EndOfStreamException();
    }

    private static string? TextOf(byte[]? text) => text is null ? null : Encoding.UTF8.GetString(text);
}
