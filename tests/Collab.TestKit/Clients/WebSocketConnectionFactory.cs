using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace Collab.TestKit;

/// <summary>
/// Lets a SignalR client connect to a hub by WebSocket at once, without the negotiation request that would choose a transport:
/// there is only one, and a server behind a load balancer then needs no sticky sessions.
/// </summary>
/// <param name="accessToken">Asked for a token before each connection; null connects without one.</param>
public sealed class WebSocketConnectionFactory(Func<CancellationToken, ValueTask<string?>> accessToken) : IConnectionFactory
{
    /// <summary>Opens a WebSocket to a hub.</summary>
    /// <param name="endpoint">A <see cref="UriEndPoint"/> with the hub's <c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c> address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="HttpRequestException">The server answered with something else than a WebSocket; the exception has the status.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var hub = ((UriEndPoint)endpoint).Uri;
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        try
        {
            await socket.ConnectAsync(Address(hub, await accessToken(cancellationToken)), cancellationToken);
        }
        catch (Exception e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            if (e is not WebSocketException || status == default) throw;
            throw new HttpRequestException($"The server answered {(int)status} instead of opening a WebSocket.", e, status);
        }
        return new WebSocketConnection(socket);
    }

    /// <summary>The address with the token in the query: a browser cannot send it in a header, so every server must take it there.</summary>
    private static Uri Address(Uri hub, string? token)
    {
        var address = new UriBuilder(hub) { Scheme = hub.Scheme is "https" or "wss" ? "wss" : "ws" };
        if (token is not null) address.Query = $"{address.Query.TrimStart('?')}&access_token={Uri.EscapeDataString(token)}".TrimStart('&');
        return address.Uri;
    }
}
