using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections.Client;

namespace Collab.Client;

/// <summary>
/// Makes the connection under a hub connection as SignalR's own factory does, which leaves
/// <see cref="HttpConnectionOptions.WebSocketFactory"/> out in a browser: without that neither does a token get into the address, nor can
/// the WebSocket be dropped.
/// </summary>
/// <param name="options">The connection's alone.</param>
internal sealed class BrowserConnections(HttpConnectionOptions options) : IConnectionFactory
{
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var connection = new HttpConnection(options, loggerFactory: null);
        try
        {
            await connection.StartAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
