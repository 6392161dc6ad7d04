using System.Buffers.Binary;
using System.Text;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Presence;
using Collab.Protocol;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// How a server's users in a run are written into messages: whether that is all of them, what was told before, and each user. What came
/// later than the first version, who is an agent and how far each has seen, stands behind them, where servers of that version do not look.
/// </summary>
internal static class AttendanceForm
{
    /// <summary>No honest message has more; a length that is larger is nonsense.</summary>
    private const int MaxTextBytes = 64 * 1024;
    private const int MostUsers = 100_000;
    private const int KeptHeadBytes = 20;

    /// <summary>In place of a mark.</summary>
    private const long NotSaid = -1;

    /// <summary>What stands behind the users, in the one form that there is.</summary>
    private const byte MarksForm = 1;

    /// <summary>How much there is besides the users, at most: with the beginning of what stands behind them.</summary>
    public const int HeadBytes = KeptHeadBytes + 16 + 24;

    /// <summary>Of about how many bytes a user takes.</summary>
    public static int BytesOf(in Attendance one) =>
        16 + (one.UserId.Length * 3) + ((one.UserName?.Length ?? 0) * 3) + ((one.NodeId?.Length ?? 0) * 3) + (one.Move?.Length ?? 0)
        + (one is { Kind: ParticipantKind.Person, Seen: null } ? 0 : BytesOf(new SeenMark(one.UserId, 0)));

    /// <summary>Of about how many bytes a mark takes.</summary>
    public static int BytesOf(SeenMark mark) => 12 + (mark.UserId.Length * 3);

    /// <param name="extent">Whether these are all of the server's users in the run.</param>
    /// <param name="before">The version of what was told before; 0 if nothing was.</param>
    /// <param name="news">The users and marks.</param>
    public static byte[] Write(Extent extent, long before, in PresenceNews news)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((byte)extent);
        writer.Write(before);
        foreach (var one in news.Users)
        {
            writer.Write(one.UserId);
            writer.Write(one.IsHere);
            WriteText(writer, one.UserName is null ? null : Encoding.UTF8.GetBytes(one.UserName));
            WriteText(writer, one.NodeId is null ? null : Encoding.UTF8.GetBytes(one.NodeId));
            WriteText(writer, one.Move);
        }
        WriteMarks(writer, news);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Users of a server that has ended.</summary>
    /// <param name="server">The server.</param>
    /// <param name="left">How long they are still taken to be on their way.</param>
    /// <param name="some">The users.</param>
    public static byte[] WriteKept(Guid server, TimeSpan left, IReadOnlyList<Attendance> some)
    {
        var head = new byte[KeptHeadBytes];
        server.TryWriteBytes(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), (int)left.TotalMilliseconds);
        return [.. head, .. Write(Extent.Changes, before: 0, new(Guid.Empty, some, Marks: []))];
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
            if (count is < 0 or > MostUsers) throw new InvalidDataException("The number of users makes no sense.");
            using var reader = new BinaryReader(new MemoryStream(body.ToArray()), Encoding.UTF8);
            var (extent, before) = ((Extent)reader.ReadByte(), reader.ReadInt64());
            var some = new List<Attendance>();
            while (some.Count < count)
            {
                var (userId, isHere) = (reader.ReadString(), reader.ReadBoolean());
                var one = new Attendance(userId, isHere, TextOf(ReadText(reader)), TextOf(ReadText(reader)), ReadText(reader));
                some.Add(IsSound(one) ? one : throw new InvalidDataException("A user makes no sense."));
            }
            return WithMarks(reader, new(version, before, extent, some));
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("That is no list of users.", e);
        }
    }

    private static void WriteMarks(BinaryWriter writer, in PresenceNews news)
    {
        var ofUsers = news.Users.Where(u => u is { IsHere: true } and not { Kind: ParticipantKind.Person, Seen: null })
            .Select(u => (u.UserId, u.Kind, Seen: u.Seen ?? NotSaid));
        (string UserId, ParticipantKind Kind, long Seen)[] all =
            [.. ofUsers, .. news.Marks.Select(m => (m.UserId, ParticipantKind.Person, m.Seen))];
        if (all.Length == 0) return;
        writer.Write(MarksForm);
        writer.Write(news.Epoch.ToByteArray());
        writer.Write(all.Length);
        foreach (var (userId, kind, seen) in all)
        {
            writer.Write(userId);
            writer.Write((byte)kind);
            writer.Write(seen);
        }
    }

    /// <summary>
    /// Takes in what stands behind the users: nothing, from an earlier version, and from a later one what is not known here.
    /// </summary>
    private static ServerPart WithMarks(BinaryReader reader, ServerPart part)
    {
        if (reader.BaseStream.Position == reader.BaseStream.Length || reader.ReadByte() != MarksForm) return part;
        var (epoch, count) = (new Guid(reader.ReadBytes(16)), reader.ReadInt32());
        if (count is < 0 or > MostUsers) throw new InvalidDataException("The number of marks makes no sense.");
        var places = part.Users.Select((u, place) => (u.UserId, place)).ToDictionary(u => u.UserId, u => u.place, StringComparer.Ordinal);
        Attendance[] users = [.. part.Users];
        var marks = new List<SeenMark>();
        for (var i = 0; i < count; i++)
        {
            var (userId, kind, seen) = (reader.ReadString(), (ParticipantKind)reader.ReadByte(), reader.ReadInt64());
            if (!Caller.IsUserId(userId) || seen < NotSaid) throw new InvalidDataException("A mark makes no sense.");
            if (!places.TryGetValue(userId, out var place)) marks.Add(new(userId, Math.Max(0, seen)));
            else users[place] = users[place] with { Kind = KindOf(kind), Seen = seen == NotSaid ? null : seen };
        }
        return part with { Users = users, Epoch = epoch, Marks = marks };
    }

    private static ParticipantKind KindOf(ParticipantKind told) => Enum.IsDefined(told) ? told : ParticipantKind.Person;

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
