using System.IO.Pipelines;
using System.Net.Sockets;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The stream below a hub connection's WebSocket, got hold of when the connection is upgraded, or accepted over HTTP/2. What goes to the
/// client is written to it directly by <see cref="HubOutput"/>. SignalR would copy each message into a pipe, wake a loop that copies it
/// into a WebSocket frame, and copy that to the server; a frame for a hundred followers would be copied three hundred times and cost a
/// hundred more trips through the thread pool.
/// </summary>
#pragma warning disable CA1001 // The WebSocket on the stream disposes of it.
internal sealed class HubWire(HttpContext http, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect = null)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
#pragma warning restore CA1001
{
    private volatile TurnStream? _stream;
    private Socket? _socket;

    public bool IsUpgradableRequest => upgrade is { IsUpgradableRequest: true };

    public bool IsExtendedConnect => connect is { IsExtendedConnect: true };

    public string? Protocol => connect?.Protocol;

    /// <summary>The connection, once SignalR has let it in.</summary>
    public ConnectionRecord? Record { get; set; }

    /// <summary>How much the client has taken so far; null: that cannot be said.</summary>
    public long? Taken() => _stream is { } stream ? stream.Written + (ClientProgress.TakenFrom(_socket) ?? 0) : null;

    /// <summary>Maps our hub so that its WebSockets write directly. Its other transports go SignalR's own way, in pieces.</summary>
    /// <param name="app">The application.</param>
    /// <param name="path">Where.</param>
    /// <param name="configure">The transports.</param>
    /// <param name="paced">Answers a request of another transport.</param>
    public static IEndpointConventionBuilder MapHub(
        IEndpointRouteBuilder app, string path, Action<HttpConnectionDispatcherOptions> configure,
        Func<HttpContext, RequestDelegate, Task> paced)
    {
        var options = new HttpConnectionDispatcherOptions();
        configure(options);
        // What is slow is for us to say: SignalR gives a message so long, however large it is and however steadily the client takes it.
        options.TransportSendTimeout = TimeSpan.FromDays(1);
        var hub = app.MapConnections(path, options, connections => connections
            .Use(next => connection => app.ServiceProvider.GetRequiredService<HubDoor>().CountAsync(connection, next))
            .Use(next => connection => RunAsync(
                connection, app.ServiceProvider.GetRequiredService<RunLog.RunLog>().Backpressure, next))
            .UseHub<CollaborationHub>());
        hub.WithMetadata(new HubMetadata(typeof(CollaborationHub)));
        hub.Finally(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = request =>
            {
                DeadPeers.NoticeOn(request, DeadPeers.HubUnacknowledgedFor);
                var features = request.Features;
                var wire = new HubWire(request, features.Get<IHttpUpgradeFeature>(), features.Get<IHttpExtendedConnectFeature>());
                if (wire.IsUpgradableRequest) features.Set<IHttpUpgradeFeature>(wire);
                else if (wire.IsExtendedConnect) features.Set<IHttpExtendedConnectFeature>(wire);
                else return paced(request, next);
                features.Set(wire);
                return wire.RunAsync(next);
            };
        });
        return hub;
    }

    public async Task<Stream> UpgradeAsync()
    {
        var upgraded = await upgrade!.UpgradeAsync();
        _socket = ClientProgress.SocketOf(http);
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
        return _stream = new(upgraded, SocketOf(http) ?? upgraded, http.RequestAborted);
    }

    /// <summary>What its socket has sent is of all the connection's streams: only what is written here says how much is taken.</summary>
    public async ValueTask<Stream> AcceptAsync()
    {
        var accepted = await connect!.AcceptAsync();
        return _stream = new(accepted, accepted, http.RequestAborted, TurnStream.SmallPieceBytes);
    }

    /// <summary>Writes one whole WebSocket frame. Completes at once while the client keeps up.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame) =>
        _stream?.WriteAsync(frame) ?? throw new InvalidOperationException("The connection is not a WebSocket yet.");

    /// <summary>Ends the connection without a word: it does not read.</summary>
    public void Abort() => http.Abort();

    /// <summary>
    /// The connection's socket, where what is written to it reaches the client as it is: neither TLS nor anything else stands between it
    /// and Kestrel. Once a connection is upgraded, Kestrel writes to it nothing of its own.
    /// </summary>
    internal static NetworkStream? SocketOf(HttpContext http)
    {
        var transport = http.Features.Get<IConnectionTransportFeature>()?.Transport.GetType();
        var isBare = transport?.Assembly == typeof(SocketTransportFactory).Assembly;
        return isBare && http.Features.Get<IConnectionSocketFeature>() is { Socket: var socket }
            ? new(socket, FileAccess.Write, ownsSocket: false)
            : null;
    }

    private async Task RunAsync(RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        finally
        {
            Record?.Gone(_stream?.IsGoodbyeWritten == true);
        }
    }

    private static async Task RunAsync(ConnectionContext connection, Backpressure backpressure, ConnectionDelegate next)
    {
        var original = connection.Transport;
        var flow = new ConnectionFlow();
        connection.Features.Set(flow);
        connection.Transport = new HubTransport(new HubInput(original.Input, flow, backpressure), OutputOf(connection, original.Output));
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

    private static AnswerOutput OutputOf(ConnectionContext connection, PipeWriter original)
    {
        if (connection.GetHttpContext() is not { } http || http.Features.Get<HubWire>() is not { } wire
            || connection.Features.Get<IHttpTransportFeature>()?.TransportType != HttpTransportType.WebSockets)
            return new RelayedOutput(original);
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        return new HubOutput(
            wire, connection.Features.GetRequiredFeature<ITransferFormatFeature>(), ClientProgress.Patience, time, GivesUp);

        void GivesUp()
        {
            if (connection.Features.Get<HubSession>() is not { } session) return;
            session.Record.GaveUp(0);
            session.Record.End(Ending.NoProgress);
        }
    }
}
