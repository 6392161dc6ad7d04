using System.Buffers.Binary;

namespace Collab.AspNetCore.Hub;

/// <summary>The header of a WebSocket frame as a server writes it: whole, uncompressed, not masked (RFC 6455, 5.2).</summary>
internal static class WebSocketFrame
{
    /// <summary>How many bytes a header has at most.</summary>
    public const int MaxHeader = 10;

    private const byte WholeText = 0x81;
    private const byte WholeBinary = 0x82;

    /// <summary>Writes the header just before a payload that goes from <see cref="MaxHeader"/> to <paramref name="end"/>.</summary>
    /// <returns>Where the frame begins.</returns>
    public static int WriteHeaderBefore(byte[] buffer, int end, bool isText)
    {
        var length = end - MaxHeader;
        var start = MaxHeader - (length <= 125 ? 2 : length <= ushort.MaxValue ? 4 : MaxHeader);
        buffer[start] = isText ? WholeText : WholeBinary;
        if (length <= 125)
        {
            buffer[start + 1] = (byte)length;
        }
        else if (length <= ushort.MaxValue)
        {
            buffer[start + 1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(start + 2), (ushort)length);
        }
        else
        {
            buffer[start + 1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(buffer.AsSpan(start + 2), (ulong)length);
        }
        return start;
    }

    /// <summary>Whether this is a whole close frame: its last bit and opcode 8 (5.5.1).</summary>
    public static bool IsGoodbye(ReadOnlySpan<byte> frame) => frame.Length > 0 && frame[0] == 0x88;
}
