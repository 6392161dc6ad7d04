using System.Buffers.Binary;

namespace Collab.AspNetCore.Cluster;

/// <summary>A number of a run: how far its log is, or the version of what was told of it.</summary>
internal readonly record struct Position(Guid RunId, Guid Epoch, long Number)
{
    public const int Bytes = 40;

    public static byte[] Write(Position[] some)
    {
        var body = new byte[some.Length * Bytes];
        for (var i = 0; i < some.Length; i++)
        {
            var row = body.AsSpan(i * Bytes);
            some[i].RunId.TryWriteBytes(row);
            some[i].Epoch.TryWriteBytes(row[16..]);
            BinaryPrimitives.WriteInt64LittleEndian(row[32..], some[i].Number);
        }
        return body;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Position[] Read(ReadOnlySpan<byte> body)
    {
        var some = new Position[body.Length / Bytes];
        for (var i = 0; i < some.Length; i++)
        {
            var row = body.Slice(i * Bytes, Bytes);
            some[i] = new(new(row[..16]), new(row[16..32]), BinaryPrimitives.ReadInt64LittleEndian(row[32..]));
        }
        return some;
    }
}
