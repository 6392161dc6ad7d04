using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Connections.Client;

namespace Collab.Client;

/// <summary>The WebSocket under one hub connection: how it is opened, and a way to drop it, which SignalR's client has not.</summary>
/// <param name="token">Proves who connects; null where something else does.</param>
/// <param name="options">May change it before it connects.</param>
internal sealed class HubSocket(string? token, CollabClientOptions options)
{
    private volatile ClientWebSocket? _socket;

    /// <summary>False once it is over, or about to be.</summary>
    public bool IsOpen => _socket?.State is WebSocketState.Open;

    /// <summary>Drops the connection without a close handshake.</summary>
    public void Abort() => _socket?.Abort();

    /// <exception cref="HttpRequestException">
    /// The server answered with something else than a WebSocket; the exception has the status.
    /// </exception>
    public async ValueTask<WebSocket> OpenAsync(WebSocketConnectionContext context, CancellationToken stop)
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(Configured(socket.Options, context.Uri), stop).ConfigureAwait(false);
            _socket = socket;
            return socket;
        }
        catch (Exception e)
        {
            var status = OperatingSystem.IsBrowser() ? default : socket.HttpStatusCode;
            socket.Dispose();
            if (e is not WebSocketException || status == default) throw;
            throw new HttpRequestException($"The server answered {(int)status} instead of opening a WebSocket.", e, status);
        }
    }

    private Uri Configured(ClientWebSocketOptions socket, Uri address)
    {
        if (OperatingSystem.IsBrowser())
        {
            // A page cannot set a header of a WebSocket; the browser sends its cookies.
            return token is null
                ? address
                : new UriBuilder(address) { Query = $"{address.Query}&access_token={Uri.EscapeDataString(token)}" }.Uri;
        }
        socket.CollectHttpResponseDetails = true;
        if (token is not null) socket.SetRequestHeader("Authorization", $"Bearer {token}");
        if (options.Cookies is { } cookies) socket.Cookies = cookies;
        options.ConfigureWebSocket?.Invoke(socket);
        return address;
    }
}
