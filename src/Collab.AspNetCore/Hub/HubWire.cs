using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The stream below a hub connection's WebSocket, got hold of when the connection is upgraded. What goes to the client is written to it directly
/// by <see cref="HubOutput"/>. SignalR would copy each message into a pipe, wake a loop that copies it into a WebSocket frame, and copy that to
/// the server; a frame for a hundred followers would be copied three hundred times and cost a hundred more trips through the thread pool.
/// </summary>
#pragma warning disable CA1001 // The WebSocket on the stream disposes of it.
internal sealed class HubWire(HttpContext http, IHttpUpgradeFeature upgrade) : IHttpUpgradeFeature
#pragma warning restore CA1001
{
    private volatile TurnStream? _stream;

    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    /// <summary>Maps our hub so that its WebSockets write directly. Its other transports go SignalR's own way.</summary>
    public static IEndpointConventionBuilder MapHub(IEndpointRouteBuilder app, string path, Action<HttpConnectionDispatcherOptions> configure)
    {
        var options = new HttpConnectionDispatcherOptions();
        configure(options);
        var hub = app.MapConnections(path, options, connections => connections
            .Use(next => connection => app.ServiceProvider.GetRequiredService<HubDoor>().CountAsync(connection, next))
            .Use(next => connection => RunAsync(connection, next, options.TransportSendTimeout))
            .UseHub<CollaborationHub>());
        hub.WithMetadata(new HubMetadata(typeof(CollaborationHub)));
        hub.Finally(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = request =>
            {
                if (request.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
                    request.Features.Set<IHttpUpgradeFeature>(new HubWire(request, upgrade));
                return next(request);
            };
        });
        return hub;
    }

    public async Task<Stream> UpgradeAsync()
    {
        var upgraded = await upgrade.UpgradeAsync();
        return _stream = new(upgraded, SocketOf(http) ?? upgraded);
    }

    /// <summary>Writes one whole WebSocket frame. Completes at once while the client keeps up.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame) =>
        _stream?.WriteAsync(frame) ?? throw new InvalidOperationException("The connection is not a WebSocket yet.");

    /// <summary>Ends the connection without a word: it does not read.</summary>
    public void Abort() => http.Abort();

    /// <summary>
    /// The connection's socket, where what is written to it reaches the client as it is: neither TLS nor anything else stands between it and Kestrel.
    /// Once a connection is upgraded, Kestrel writes to it nothing of its own.
    /// </summary>
    internal static NetworkStream? SocketOf(HttpContext http)
    {
        var transport = http.Features.Get<IConnectionTransportFeature>()?.Transport.GetType();
        var isBare = transport?.Assembly == typeof(SocketTransportFactory).Assembly;
        return isBare && http.Features.Get<IConnectionSocketFeature>() is { Socket: var socket } ? new(socket, FileAccess.Write, ownsSocket: false) : null;
    }

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan sendTimeout)
    {
        if (connection.GetHttpContext()?.Features.Get<IHttpUpgradeFeature>() is not HubWire wire
            || connection.Features.Get<IHttpTransportFeature>()?.TransportType != HttpTransportType.WebSockets)
        {
            await next(connection);
            return;
        }
        var original = connection.Transport;
        connection.Transport = new HubTransport(original.Input, new HubOutput(wire, connection.Features.GetRequiredFeature<ITransferFormatFeature>(), sendTimeout));
        try
        {
            await next(connection);
        }
        finally
        {
            // SignalR's transport waits for the end of its own pipe before it says goodbye.
            connection.Transport = original;
        }
    }
}
