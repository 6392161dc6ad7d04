using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Collab.Hostile.Kinds;

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(int Status, string Head, string Body);

/// <summary>A TCP connection that sends bytes and reads what may be an answer of HTTP/1.1.</summary>
internal sealed class RawHttpConnection : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[512 * 1024];

    private RawHttpConnection()
    {
        // It is not kept for the port to be used again.
        _client.LingerState = new(enable: true, seconds: 0);
    }

    /// <summary>Whether another request may follow.</summary>
    public bool IsReusable { get; private set; } = true;

    public static async Task<RawHttpConnection> OpenAsync(Uri server)
    {
        var connection = new RawHttpConnection();
        await connection._client.ConnectAsync(server.Host, server.Port);
        return connection;
    }

    /// <returns>Null: the connection ended without an answer.</returns>
    /// <exception cref="OperationCanceledException">Nothing, or not all of it, came in time.</exception>
    public async Task<RawAnswer?> AskAsync(byte[] request, CancellationToken timeout)
    {
        IsReusable = false;
        try
        {
            await _client.GetStream().WriteAsync(request, timeout);
            return await ReadAsync(timeout);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<RawAnswer?> ReadAsync(CancellationToken timeout)
    {
        var (filled, end) = (0, -1);
        while (end < 0)
        {
            var more = await _client.GetStream().ReadAsync(_buffer.AsMemory(filled), timeout);
            if (more == 0) return null;
            filled += more;
            end = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
        }
        var head = Encoding.Latin1.GetString(_buffer, 0, end);
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        if (status == 100) return await ReadAsync(timeout);
        var isStream = head.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
        var start = end + 4;
        while (!isStream && !IsWhole(head, status, start, filled))
        {
            var more = await _client.GetStream().ReadAsync(_buffer.AsMemory(filled), timeout);
            if (more == 0) break;
            filled += more;
        }
        IsReusable = !isStream && !head.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
        return new(status, head, Encoding.UTF8.GetString(_buffer, start, filled - start));
    }

    private bool IsWhole(string head, int status, int start, int filled)
    {
        if (status is 204 or 304 or 101) return true;
        var at = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return _buffer.AsSpan(start, filled - start).EndsWith("0\r\n\r\n"u8);
        var text = head.AsSpan(at + 16);
        var line = text.IndexOf('\r');
        return filled - start >= int.Parse(line < 0 ? text : text[..line], CultureInfo.InvariantCulture);
    }
}
