using System.Buffers;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// A column of text, as UTF-8, in one buffer for all rows of a reader: a run has megabytes of data, and each row is soon done with.
/// </summary>
internal sealed class TextColumn(NpgsqlDataReader reader, int ordinal) : IDisposable
{
    private byte[] _buffer = [];

    /// <summary>The row's, until the next is read.</summary>
    public ReadOnlyMemory<byte> Read()
    {
        using var stream = reader.GetStream(ordinal);
        var length = checked((int)stream.Length);
        if (_buffer.Length < length)
        {
            Dispose();
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }
        stream.ReadExactly(_buffer, 0, length);
        return _buffer.AsMemory(0, length);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
