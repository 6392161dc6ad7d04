using System.Buffers;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// A frame as it goes over the wire: for a WebSocket with its header, so that nothing is left to do for each follower; for other transports
/// without.
/// </summary>
internal sealed class FrameMessage : HubMessage
{
    private readonly byte[] _bytes;
    private readonly int _start;

    /// <summary>How many bytes come before the message, for its header.</summary>
    public const int Room = WebSocketFrame.MaxHeader;

    /// <param name="bytes">The message, after <see cref="Room"/>.</param>
    /// <param name="events">How many events are in it.</param>
    /// <param name="isText">Whether the protocol is one of texts; else it is binary.</param>
    public FrameMessage(byte[] bytes, int events, bool isText) =>
        (_bytes, _start, Events) = (bytes, WebSocketFrame.WriteHeaderBefore(bytes, bytes.Length, isText), events);

    /// <summary>How many events are in it.</summary>
    public int Events { get; }

    /// <summary>The length without header, in bytes.</summary>
    public int Length => Payload.Length;

    /// <summary>The message as a WebSocket frame.</summary>
    public ReadOnlyMemory<byte> Framed => _bytes.AsMemory(_start);

    private ReadOnlySpan<byte> Payload => _bytes.AsSpan(Room);

    /// <summary>
    /// Copies the message in one piece. SignalR's own way with serialised messages cuts it into pages of 4 KiB, and its WebSocket
    /// transport sends each page as a frame of its own: seven system calls where one will do.
    /// </summary>
    public void CopyTo(IBufferWriter<byte> output)
    {
        Payload.CopyTo(output.GetSpan(Length));
        output.Advance(Length);
    }
}
