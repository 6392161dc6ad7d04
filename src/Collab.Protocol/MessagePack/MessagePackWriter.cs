using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>Writes JSON as MessagePack, each value in as few bytes as it can have. Its buffer is rented: dispose of it.</summary>
/// <param name="capacity">About how much is written, in bytes.</param>
internal ref struct MessagePackWriter(int capacity) : IDisposable
{
    private const int LongestHeader = 5;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 64));
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void WriteCode(byte code)
    {
        Grow(1);
        _buffer[_length++] = code;
    }

    /// <summary>Writes an array's beginning; its values follow.</summary>
    public void WriteArrayHeader(int count) => WriteCode((byte)(MessagePackCode.FixArray | count));

    /// <summary>Writes the JSON value that the reader is on, to its end.</summary>
    public void Write(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray: WriteContainer(ref json); break;
            case JsonTokenType.String: WriteString(ref json); break;
            case JsonTokenType.Number: WriteNumber(ref json); break;
            case JsonTokenType.True: WriteCode(MessagePackCode.True); break;
            case JsonTokenType.False: WriteCode(MessagePackCode.False); break;
            default: WriteCode(MessagePackCode.Nil); break;
        }
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    public void WriteInteger(long number)
    {
        Grow(9);
        var to = _buffer.AsSpan(_length);
        _length += number switch
        {
            >= 0 and <= MessagePackCode.LastPositiveFixInt or < 0 and >= -32 => Put(to, (byte)number),
            >= 0 and <= byte.MaxValue => Put(to, MessagePackCode.UInt8, (byte)number),
            >= 0 and <= ushort.MaxValue => Put(to, MessagePackCode.UInt16, (ushort)number),
            >= 0 and <= uint.MaxValue => Put(to, MessagePackCode.UInt32, (uint)number),
            >= 0 => Put(to, MessagePackCode.UInt64, (ulong)number),
            >= sbyte.MinValue => Put(to, MessagePackCode.Int8, (byte)number),
            >= short.MinValue => Put(to, MessagePackCode.Int16, (ushort)number),
            >= int.MinValue => Put(to, MessagePackCode.Int32, (uint)number),
            _ => Put(to, MessagePackCode.Int64, (ulong)number),
        };
    }

    /// <summary>
    /// How many values it has is only known at its end, and nearly always few enough to be said in the byte that is kept for it.
    /// </summary>
    private void WriteContainer(ref Utf8JsonReader json)
    {
        var isMap = json.TokenType == JsonTokenType.StartObject;
        var start = _length;
        WriteCode(0);
        var count = 0;
        while (json.Read() && json.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            if (isMap)
            {
                WriteString(ref json);
                json.Read();
            }
            Write(ref json);
            count++;
        }
        if (count <= MessagePackCode.MostInFixContainer)
        {
            _buffer[start] = (byte)((isMap ? MessagePackCode.FixMap : MessagePackCode.FixArray) | count);
            return;
        }
        var isShort = count <= ushort.MaxValue;
        var more = isShort ? 2 : 4;
        Grow(more);
        _buffer.AsSpan(start + 1, _length - start - 1).CopyTo(_buffer.AsSpan(start + 1 + more));
        _length += more;
        if (isShort) Put(_buffer.AsSpan(start), isMap ? MessagePackCode.Map16 : MessagePackCode.Array16, (ushort)count);
        else Put(_buffer.AsSpan(start), isMap ? MessagePackCode.Map32 : MessagePackCode.Array32, (uint)count);
    }

    private void WriteString(ref Utf8JsonReader json)
    {
        Grow(LongestHeader + json.ValueSpan.Length);
        // What JSON had to escape is shorter here.
        var text = _buffer.AsSpan(_length + LongestHeader);
        var length = json.CopyString(text);
        var header = _buffer.AsSpan(_length);
        var headerLength = length switch
        {
            <= MessagePackCode.LongestFixString => Put(header, (byte)(MessagePackCode.FixString | length)),
            <= byte.MaxValue => Put(header, MessagePackCode.String8, (byte)length),
            <= ushort.MaxValue => Put(header, MessagePackCode.String16, (ushort)length),
            _ => Put(header, MessagePackCode.String32, (uint)length),
        };
        text[..length].CopyTo(header[headerLength..]);
        _length += headerLength + length;
    }

    private void WriteNumber(ref Utf8JsonReader json)
    {
        if (json.TryGetInt64(out var number))
        {
            WriteInteger(number);
            return;
        }
        Grow(9);
        var to = _buffer.AsSpan(_length);
        _length += json.TryGetUInt64(out var large)
            ? Put(to, MessagePackCode.UInt64, large)
            : Put(to, MessagePackCode.Float64, BitConverter.DoubleToUInt64Bits(json.GetDouble()));
    }

    private static int Put(Span<byte> to, byte code)
    {
        to[0] = code;
        return 1;
    }

    private static int Put(Span<byte> to, byte code, byte value)
    {
        (to[0], to[1]) = (code, value);
        return 2;
    }

    private static int Put(Span<byte> to, byte code, ushort value)
    {
        to[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(to[1..], value);
        return 3;
    }

    private static int Put(Span<byte> to, byte code, uint value)
    {
        to[0] = code;
        BinaryPrimitives.WriteUInt32BigEndian(to[1..], value);
        return 5;
    }

    private static int Put(Span<byte> to, byte code, ulong value)
    {
        to[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(to[1..], value);
        return 9;
    }

    private void Grow(int by)
    {
        if (_buffer.Length - _length >= by) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + by, _buffer.Length * 2));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
