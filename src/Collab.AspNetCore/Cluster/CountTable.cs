using System.Buffers.Binary;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// What one server has told of its users' connections. Absolute numbers with a version: late ones are dropped, and where a version is
/// missing it shows.
/// </summary>
internal sealed class CountTable
{
    public const int RowBytes = 12;

    /// <summary>Of messages: what was told before, which part of all it is, and of how many parts.</summary>
    public const int HeadBytes = 16;

    /// <summary>What was told before a message that has all: nothing that matters.</summary>
    public const long Whole = -1;

    /// <summary>No honest server has more users.</summary>
    private const int MostUsers = 4_000_000;
    private const int MostParts = 65_536;

    private long _version;
    private (long Version, HashSet<int> Left, Dictionary<long, int> Counts)? _coming;

    /// <summary>How many connections each user has there.</summary>
    public Dictionary<long, int> Counts { get; private set; } = [];

    /// <summary>Whether something did not come.</summary>
    public bool IsMissing { get; set; } = true;

    public static byte[] Write(long before, int place, int parts, ReadOnlySpan<(long Key, int Count)> rows)
    {
        var body = new byte[HeadBytes + (rows.Length * RowBytes)];
        BinaryPrimitives.WriteInt64LittleEndian(body, before);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), place);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(12), parts);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = body.AsSpan(HeadBytes + (i * RowBytes));
            BinaryPrimitives.WriteInt64LittleEndian(row, rows[i].Key);
            BinaryPrimitives.WriteInt32LittleEndian(row[8..], rows[i].Count);
        }
        return body;
    }

    /// <summary>Takes a message.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="body">What <see cref="Write"/> wrote.</param>
    /// <param name="changed">Told by how much a user's number is another one.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public void Take(long version, ReadOnlySpan<byte> body, Action<long, int> changed)
    {
        if (body.Length < HeadBytes || (body.Length - HeadBytes) % RowBytes != 0) throw Nonsense();
        var before = BinaryPrimitives.ReadInt64LittleEndian(body);
        var (place, parts) = (BinaryPrimitives.ReadInt32LittleEndian(body[8..]), BinaryPrimitives.ReadInt32LittleEndian(body[12..]));
        var rows = body[HeadBytes..];
        if (before == Whole) TakePart(version, place, parts, rows, changed);
        else TakeChanges(version, before, rows, changed);
    }

    /// <summary>Forgets all of it.</summary>
    public void Clear(Action<long, int> changed)
    {
        foreach (var (key, count) in Counts) changed(key, -count);
        (Counts, _version, _coming, IsMissing) = ([], 0, null, true);
    }

    private void TakeChanges(long version, long before, ReadOnlySpan<byte> rows, Action<long, int> changed)
    {
        if (version < _version || (version == _version && !rows.IsEmpty)) return;
        IsMissing |= before != _version;
        // A version alone says what should have come.
        if (!rows.IsEmpty) _version = version;
        for (; !rows.IsEmpty; rows = rows[RowBytes..])
        {
            var (key, count) = Read(rows);
            Set(Counts, key, count, changed);
        }
    }

    private void TakePart(long version, int place, int parts, ReadOnlySpan<byte> rows, Action<long, int> changed)
    {
        if (parts is < 1 or > MostParts || place < 0 || place >= parts) throw Nonsense();
        if (_coming is not { } coming || coming.Version != version)
            _coming = coming = (version, [.. Enumerable.Range(0, parts)], []);
        if (!coming.Left.Remove(place)) return;
        for (; !rows.IsEmpty; rows = rows[RowBytes..])
        {
            var (key, count) = Read(rows);
            Set(coming.Counts, key, count, static (_, _) => { });
        }
        if (coming.Left.Count > 0) return;
        _coming = null;
        // Changes that came meanwhile are newer: it is asked for again.
        if (version < _version) return;
        foreach (var (key, count) in Counts) changed(key, -count);
        foreach (var (key, count) in coming.Counts) changed(key, count);
        (Counts, _version, IsMissing) = (coming.Counts, version, false);
    }

    private static (long Key, int Count) Read(ReadOnlySpan<byte> row)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(row[8..]);
        return count is >= 0 and <= 1_000_000 ? (BinaryPrimitives.ReadInt64LittleEndian(row), count) : throw Nonsense();
    }

    private static void Set(Dictionary<long, int> counts, long key, int count, Action<long, int> changed)
    {
        var before = counts.GetValueOrDefault(key);
        if (count == 0) counts.Remove(key);
        else if (counts.Count < MostUsers || before > 0) counts[key] = count;
        else throw Nonsense();
        changed(key, count - before);
    }

    private static InvalidDataException Nonsense() => new("That is no list of users' connections.");
}
