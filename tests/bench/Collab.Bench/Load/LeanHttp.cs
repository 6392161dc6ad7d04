using System.Net;
using System.Net.Sockets;

namespace Collab.Bench.Load;

/// <summary>An HTTP connection that asks again and again, and looks at an answer only to find its end.</summary>
internal sealed class LeanHttp : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];

    public static async Task<LeanHttp> ConnectAsync(Uri server)
    {
        var http = new LeanHttp();
        await http._socket.ConnectAsync(IPAddress.Loopback, server.Port);
        return http;
    }

    public async ValueTask AskAsync(ReadOnlyMemory<byte> request)
    {
        await _socket.SendAsync(request);
        for (var filled = 0; !IsAnswered(filled);) filled += Whole(await _socket.ReceiveAsync(_buffer.AsMemory(filled)));
    }

    /// <summary>The same, and the thread waits.</summary>
    public void Ask(ReadOnlySpan<byte> request)
    {
        _socket.Send(request);
        for (var filled = 0; !IsAnswered(filled);) filled += Whole(_socket.Receive(_buffer.AsSpan(filled)));
    }

    public void Dispose() => _socket.Dispose();

    private static int Whole(int count) => count > 0 ? count : throw new EndOfStreamException("The server closed the connection.");

    private bool IsAnswered(int filled)
    {
        if (!IsWhole(_buffer.AsSpan(0, filled))) return false;
        return _buffer.AsSpan().StartsWith("HTTP/1.1 20"u8) ? true : throw new InvalidOperationException(System.Text.Encoding.UTF8.GetString(_buffer, 0, filled));
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        var at = answer[..end].IndexOf("Content-Length: "u8);
        if (at < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var rest = answer[(at + 16)..];
        return answer.Length - end - 4 >= int.Parse(rest[..rest.IndexOf((byte)'\r')], System.Globalization.CultureInfo.InvariantCulture);
    }
}
