using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace Collab.Client;

/// <summary>
/// Lets a SignalR client connect to a hub by WebSocket at once, without the negotiation request that would choose a transport:
/// there is only one, and a server behind a load balancer then needs no sticky sessions.
/// </summary>
/// <param name="configure">Changes the WebSocket before it connects: its headers, a proxy.</param>
internal sealed class WebSocketConnectionFactory(Action<ClientWebSocketOptions>? configure = null) : IConnectionFactory
{
    /// <summary>The connection that was made last.</summary>
    public WebSocketConnection? Connection { get; private set; }

    /// <summary>Opens a WebSocket to a hub.</summary>
    /// <param name="endpoint">A <see cref="UriEndPoint"/> with the hub's <c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c> address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="HttpRequestException">The server answered with something else than a WebSocket; the exception has the status.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var hub = ((UriEndPoint)endpoint).Uri;
        var address = new UriBuilder(hub) { Scheme = hub.Scheme is "https" or "wss" ? "wss" : "ws" }.Uri;
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        try
        {
            configure?.Invoke(socket.Options);
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            if (e is not WebSocketException || status == default) throw;
            throw new HttpRequestException($"The server answered {(int)status} instead of opening a WebSocket.", e, status);
        }
        Connection = new WebSocketConnection(socket);
        return Connection;
    }
}
