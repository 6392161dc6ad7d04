using System.Buffers.Binary;

namespace Collab.Protocol;

/// <summary>Reads MessagePack that anybody may have sent. It holds nothing, and believes no length before the bytes are there.</summary>
/// <param name="bytes">The whole message.</param>
internal ref struct MessagePackReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>How much is left, in bytes.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>
    /// The next value, or the beginning of it: the content of a text or of something foreign is the next thing to <see cref="Take"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">It is none, or not all of it is there.</exception>
    public MessagePackToken Read()
    {
        var code = Take(1)[0];
        return code switch
        {
            <= MessagePackCode.LastPositiveFixInt => new(MessagePackKind.Integer, code),
            < MessagePackCode.FixArray => Container(MessagePackKind.Map, code & 0x0f),
            < MessagePackCode.FixString => Container(MessagePackKind.Array, code & 0x0f),
            < MessagePackCode.Nil => Content(MessagePackKind.String, code & 0x1f),
            >= MessagePackCode.FirstNegativeFixInt => new(MessagePackKind.Integer, (sbyte)code),
            MessagePackCode.Nil => new(MessagePackKind.Nil, 0),
            MessagePackCode.False or MessagePackCode.True => new(MessagePackKind.Boolean, code & 1),
            MessagePackCode.Float32 => new(MessagePackKind.Single, BinaryPrimitives.ReadInt32BigEndian(Take(4))),
            MessagePackCode.Float64 => new(MessagePackKind.Double, BinaryPrimitives.ReadInt64BigEndian(Take(8))),
            >= MessagePackCode.UInt8 and <= MessagePackCode.Int64 => ReadInteger(code),
            _ => ReadSized(code),
        };
    }

    /// <summary>So many bytes.</summary>
    /// <exception cref="InvalidDataException">They are not there.</exception>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new InvalidDataException("The message is cut short.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    /// <summary>Passes over what belongs to a value whose beginning was read, however deeply it is nested.</summary>
    public void Skip(MessagePackToken value)
    {
        var left = 1L;
        while (true)
        {
            left--;
            if (value.Kind is MessagePackKind.String or MessagePackKind.Foreign) Take(value.Length);
            else if (value.Kind == MessagePackKind.Array) left += value.Bits;
            else if (value.Kind == MessagePackKind.Map) left += 2 * value.Bits;
            if (left == 0) return;
            value = Read();
        }
    }

    private MessagePackToken ReadInteger(byte code) => code switch
    {
        MessagePackCode.UInt8 => new(MessagePackKind.Integer, Take(1)[0]),
        MessagePackCode.UInt16 => new(MessagePackKind.Integer, BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
        MessagePackCode.UInt32 => new(MessagePackKind.Integer, BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
        MessagePackCode.UInt64 when _rest is [>= 0x80, ..] =>
            new(MessagePackKind.LargeInteger, BinaryPrimitives.ReadInt64BigEndian(Take(8))),
        MessagePackCode.Int8 => new(MessagePackKind.Integer, (sbyte)Take(1)[0]),
        MessagePackCode.Int16 => new(MessagePackKind.Integer, BinaryPrimitives.ReadInt16BigEndian(Take(2))),
        MessagePackCode.Int32 => new(MessagePackKind.Integer, BinaryPrimitives.ReadInt32BigEndian(Take(4))),
        _ => new(MessagePackKind.Integer, BinaryPrimitives.ReadInt64BigEndian(Take(8))),
    };

    private MessagePackToken ReadSized(byte code) => code switch
    {
        MessagePackCode.String8 => Content(MessagePackKind.String, Take(1)[0]),
        MessagePackCode.String16 => Content(MessagePackKind.String, BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
        MessagePackCode.String32 => Content(MessagePackKind.String, BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
        MessagePackCode.Array16 => Container(MessagePackKind.Array, BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
        MessagePackCode.Array32 => Container(MessagePackKind.Array, BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
        MessagePackCode.Map16 => Container(MessagePackKind.Map, BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
        MessagePackCode.Map32 => Container(MessagePackKind.Map, BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
        MessagePackCode.Bin8 => Content(MessagePackKind.Foreign, Take(1)[0]),
        MessagePackCode.Bin16 => Content(MessagePackKind.Foreign, BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
        MessagePackCode.Bin32 => Content(MessagePackKind.Foreign, BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
        // An extension's type is one byte more than its length says.
        MessagePackCode.Ext8 => Content(MessagePackKind.Foreign, 1L + Take(1)[0]),
        MessagePackCode.Ext16 => Content(MessagePackKind.Foreign, 1L + BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
        MessagePackCode.Ext32 => Content(MessagePackKind.Foreign, 1L + BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
        >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16 =>
            Content(MessagePackKind.Foreign, 1L + (1L << (code - MessagePackCode.FixExt1))),
        _ => throw new InvalidDataException("The message has a byte that is no beginning of a value."),
    };

    /// <summary>Each value has a byte at least, so a count that lies is seen before anything is made for it.</summary>
    private readonly MessagePackToken Container(MessagePackKind kind, long count) =>
        count * (kind == MessagePackKind.Map ? 2 : 1) <= _rest.Length
            ? new(kind, count)
            : throw new InvalidDataException("The message is cut short.");

    private readonly MessagePackToken Content(MessagePackKind kind, long length) =>
        length <= _rest.Length ? new(kind, length) : throw new InvalidDataException("The message is cut short.");
}
