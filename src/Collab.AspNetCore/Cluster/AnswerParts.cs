using System.IO.Compression;

namespace Collab.AspNetCore.Cluster;

/// <summary>An answer on its way: compressed, and in as many messages as the bus takes for it.</summary>
internal sealed class AnswerParts
{
    /// <summary>An answer that is longer than this, compressed, is cut shorter by who gives it.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>No honest answer is longer, and a short message can be made to say so much that there is no memory for it.</summary>
    private const int MostUnpacked = 32 * 1024 * 1024;
    private const int MostParts = 4096;

    private byte[]?[]? _parts;
    private int _left;
    private int _bytes;

    public static byte[] Pack(byte[] json)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest)) brotli.Write(json);
        return packed.ToArray();
    }

    /// <summary>Takes a part.</summary>
    /// <returns>False: it makes no sense.</returns>
    public bool TryAdd(long place, int count, ReadOnlySpan<byte> part)
    {
        if (count is < 1 or > MostParts || place < 0 || place >= count || (_parts is not null && _parts.Length != count)) return false;
        if (_parts is null) (_parts, _left) = (new byte[]?[count], count);
        // The bus may repeat itself.
        if (_parts[place] is not null) return true;
        if ((_bytes += part.Length) > MostBytes) return false;
        _parts[place] = part.ToArray();
        _left--;
        return true;
    }

    /// <summary>Whether all of it is there.</summary>
    public bool IsWhole => _parts is not null && _left == 0;

    /// <exception cref="InvalidDataException">It is no answer.</exception>
    public byte[] Unpack()
    {
        using var packed = new MemoryStream([.. _parts!.SelectMany(part => part!)]);
        using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
        using var json = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            for (int read; (read = brotli.Read(buffer)) > 0;)
            {
                if (json.Length + read > MostUnpacked) throw new InvalidDataException("An answer is too long.");
                json.Write(buffer, 0, read);
            }
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("An answer is not compressed as it should be.", e);
        }
        return json.ToArray();
    }
}
