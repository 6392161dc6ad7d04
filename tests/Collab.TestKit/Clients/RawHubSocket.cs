using System.Net.WebSockets;
using System.Text;

namespace Collab.TestKit;

/// <summary>
/// The hub's WebSocket with nothing on top: for a client that stops reading, sends what no SignalR client would, or counts the frames.
/// It reads only when asked to.
/// </summary>
public sealed class RawHubSocket : IDisposable
{
    /// <summary>Ends each message of SignalR's JSON protocol.</summary>
    public const char RecordSeparator = '\u001e';

    private readonly ClientWebSocket _socket = new();
    private string? _afterHandshake;

    private RawHubSocket()
    {
    }

    /// <summary>The status with which the server closed the socket; null while it is open.</summary>
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>Connects, and makes SignalR's handshake.</summary>
    /// <param name="server">The server's base address.</param>
    /// <param name="token">From <see cref="TestTokens"/>.</param>
    /// <param name="http">Opens the connection, where a certificate has to be accepted; null: the usual way.</param>
    public static Task<RawHubSocket> ConnectAsync(Uri server, string token, HttpMessageInvoker? http = null) =>
        OpenAsync(new UriBuilder(HubClient.HubOf(server)) { Query = $"access_token={Uri.EscapeDataString(token)}" }.Uri, http);

    /// <summary>Connects to a hub, wherever it is, and makes SignalR's handshake.</summary>
    /// <param name="hub">The hub's address, as http or https, with its query.</param>
    /// <param name="http">Opens the connection, where a certificate has to be accepted; null: the usual way.</param>
    /// <param name="headers">What a browser would send along: cookies, its origin.</param>
    public static async Task<RawHubSocket> OpenAsync(Uri hub, HttpMessageInvoker? http = null, params (string Name, string Value)[] headers)
    {
        var raw = new RawHubSocket();
        foreach (var (name, value) in headers) raw._socket.Options.SetRequestHeader(name, value);
        using var timeout = new CancellationTokenSource(Patience.Default);
        await raw._socket.ConnectAsync(new UriBuilder(hub) { Scheme = hub.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri, http, timeout.Token);
        await raw.SendAsync("""{"protocol":"json","version":1}""" + RecordSeparator);
        var answer = await raw.ReceiveAsync();
        const int Length = 3;
        if (answer?.StartsWith("{}" + RecordSeparator, StringComparison.Ordinal) is not true)
            throw new InvalidOperationException($"The handshake was answered with: {answer}");
        if (answer.Length > Length) raw._afterHandshake = answer[Length..];
        return raw;
    }

    /// <summary>Invokes a hub method; the answer comes as a frame of its own.</summary>
    /// <param name="id">The invocation's id, echoed in the answer; null asks for no answer.</param>
    /// <param name="method">The hub method.</param>
    /// <param name="arguments">A JSON array.</param>
    public Task InvokeAsync(string? id, string method, string arguments)
    {
        var invocationId = id is null ? "" : $""" "invocationId":"{id}", """;
        return SendAsync($$"""{"type":1,{{invocationId}}"target":"{{method}}","arguments":{{arguments}}}""" + RecordSeparator);
    }

    /// <summary>Sends a text as one frame, whatever it holds.</summary>
    public async Task SendAsync(string frame)
    {
        using var timeout = new CancellationTokenSource(Patience.Default);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
    }

    /// <summary>Reads the next frame.</summary>
    /// <returns>Its text; null if the server has closed or dropped the connection.</returns>
    /// <exception cref="OperationCanceledException">Nothing came in time.</exception>
    public async Task<string?> ReceiveAsync(TimeSpan? timeout = null)
    {
        // What the server sent at once came in one frame with its answer to the handshake.
        if (Interlocked.Exchange(ref _afterHandshake, null) is { } first) return first;
        using var deadline = new CancellationTokenSource(timeout ?? Patience.Default);
        using var frame = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            ValueWebSocketReceiveResult received;
            do
            {
                received = await _socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
                if (received.MessageType == WebSocketMessageType.Close) return null;
                await frame.WriteAsync(buffer.AsMemory(0, received.Count), deadline.Token);
            }
            while (!received.EndOfMessage);
        }
        catch (WebSocketException)
        {
            return null;
        }
        return Encoding.UTF8.GetString(frame.ToArray());
    }

    /// <summary>Drops the connection without a close handshake.</summary>
    public void Dispose() => _socket.Dispose();
}
