using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Collab.Bench.Load;

/// <summary>
/// A WebSocket that costs the generator almost nothing: frames are written by hand (masked with zero, which leaves the bytes as they are) and
/// read in place, and a message is handed over as bytes. No client library could keep up with the servers that it measures.
/// </summary>
internal sealed class LeanSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ArrayBufferWriter<byte> _out = new(256);
    private readonly Lock _sending = new();
    private byte[] _buffer;
    private bool _isDisposed;

    // The buffer holds the payload of the message in progress [_start, _end), and what is not parsed yet [_read, _filled).
    private int _start;
    private int _end;
    private int _read;
    private int _filled;

    private LeanSocket(int bufferSize) => _buffer = new byte[bufferSize];

    public static async Task<LeanSocket> ConnectAsync(Uri server, string pathAndQuery, int bufferSize)
    {
        var socket = new LeanSocket(bufferSize);
        await socket._socket.ConnectAsync(IPAddress.Loopback, server.Port);
        await socket._socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {pathAndQuery} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        while (true)
        {
            if (!await socket.FillAsync()) throw new EndOfStreamException("The server closed the connection.");
            var answer = socket._buffer.AsMemory(0, socket._filled);
            var end = answer.Span.IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            if (!answer.Span.StartsWith("HTTP/1.1 101"u8)) throw new InvalidOperationException(Encoding.UTF8.GetString(answer.Span));
            socket._read = socket._start = socket._end = end + 4;
            return socket;
        }
    }

    /// <summary>Queues one text message of at most 65,535 bytes; <see cref="Flush"/> sends it.</summary>
    public void Write(ReadOnlySpan<byte> payload)
    {
        lock (_sending)
        {
            var header = _out.GetSpan(8);
            var length = payload.Length < 126 ? 2 : 4;
            header[0] = 0x81;
            header[1] = (byte)(0x80 | Math.Min(payload.Length, 126));
            if (length == 4) BinaryPrimitives.WriteUInt16BigEndian(header[2..], checked((ushort)payload.Length));
            header.Slice(length, 4).Clear();
            _out.Advance(length + 4);
            _out.Write(payload);
        }
    }

    /// <summary>Sends what is queued.</summary>
    public void Flush()
    {
        lock (_sending)
        {
            try
            {
                for (var rest = _out.WrittenSpan; rest.Length > 0 && !_isDisposed;) rest = rest[_socket.Send(rest)..];
            }
            catch (SocketException)
            {
                // The server has ended the connection, which whoever reads it sees.
            }
            _out.ResetWrittenCount();
        }
    }

    /// <summary>Waits until there is more to take. False: the connection has ended.</summary>
    public async ValueTask<bool> FillAsync()
    {
        MakeRoom();
        try
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_filled));
            _filled += count;
            return count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The next message that is here, valid until the next fill; empty: none.</summary>
    public ReadOnlySpan<byte> Take()
    {
        while (TryReadHeader(out var header, out var length, out var opcode, out var isEnd))
        {
            if (opcode <= 2)
            {
                // The payload moves down over its header, so that the parts of one message lie together.
                _buffer.AsSpan(_read + header, length).CopyTo(_buffer.AsSpan(_end));
                _end += length;
            }
            _read += header + length;
            if (!isEnd || opcode > 2) continue;
            var message = _buffer.AsSpan(_start, _end - _start);
            _start = _end = _read;
            return message;
        }
        return default;
    }

    /// <summary>Reads what the kernel still holds, and tells whether an end or a reset comes after it.</summary>
    public bool IsClosedByPeer()
    {
        try
        {
            _socket.Blocking = false;
            var discarded = new byte[64 * 1024];
            while (_socket.Receive(discarded) > 0) { }
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode != SocketError.WouldBlock;
        }
    }

    public void Dispose()
    {
        lock (_sending)
        {
            _isDisposed = true;
            _socket.Dispose();
        }
    }

    private bool TryReadHeader(out int header, out int length, out int opcode, out bool isEnd)
    {
        (header, length, opcode, isEnd) = (2, 0, 0, false);
        var rest = _buffer.AsSpan(_read, _filled - _read);
        if (rest.Length < 2) return false;
        (opcode, isEnd, length) = (rest[0] & 0x0f, (rest[0] & 0x80) != 0, rest[1] & 0x7f);
        if (length == 126)
        {
            header = 4;
            if (rest.Length < header) return false;
            length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        }
        else if (length == 127)
        {
            header = 10;
            if (rest.Length < header) return false;
            length = checked((int)BinaryPrimitives.ReadUInt64BigEndian(rest[2..]));
        }
        return rest.Length >= header + length;
    }

    private void MakeRoom()
    {
        var payload = _end - _start;
        var unparsed = _filled - _read;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, payload).CopyTo(_buffer);
            _buffer.AsSpan(_read, unparsed).CopyTo(_buffer.AsSpan(payload));
            (_start, _end, _read, _filled) = (0, payload, payload, payload + unparsed);
        }
        if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
