using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.Client;

/// <summary>
/// A hub connection of SignalR's client over a WebSocket and nothing else: where WebSockets are blocked this client polls in its own way.
/// Without the negotiation that would choose a transport a server behind a load balancer needs no sticky sessions. It never reconnects by
/// itself: the <see cref="Connector"/> does that.
/// </summary>
internal sealed class SignalRHub : IHub
{
    private static readonly StrictHubProtocol Json = new(new JsonHubProtocol(Options.Create(new JsonHubProtocolOptions
    {
        PayloadSerializerOptions = new(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(CollabJson.Default, ClientJson.Default),
        },
    })));

    private static readonly StrictHubProtocol MessagePack = new(new MessagePackHubProtocol(Json));

    /// <summary>
    /// How SignalR's client begins the reason that it fails calls with when the server has closed the connection. It does so before
    /// anything else is seen to have changed.
    /// </summary>
    private const string ClosedByServer = "The server closed the connection";

    private readonly HubConnection _connection;
    private readonly HubSocket _socket;
    /// <summary>Why the connection has closed, once it has.</summary>
    private readonly TaskCompletionSource<Exception?> _hasClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SignalRHub(Uri hub, string? token, CollabClientOptions options, ServerCalls calls)
    {
        _socket = new HubSocket(token, options);
        var http = new HttpConnectionOptions
        {
            Url = hub,
            Transports = HttpTransportType.WebSockets,
            SkipNegotiation = true,
            WebSocketFactory = _socket.OpenAsync,
        };
        var farewell = new Farewell();
        var protocol = options.Protocol == HubProtocol.MessagePack ? MessagePack : Json;
        // Without SignalR's builder: it makes a container of services for each connection.
        IConnectionFactory connections = OperatingSystem.IsBrowser()
            ? new BrowserConnections(http)
            : new HttpConnectionFactory(Options.Create(http), NullLoggerFactory.Instance);
        _connection = new HubConnection(
            connections, protocol, new UriEndPoint(hub), NoServices.Instance, NullLoggerFactory.Instance, farewell);
        _connection.On(nameof(ICollaborationClient.ReceiveEvents), calls.Received);
        _connection.On(nameof(ICollaborationClient.ReceiveFingerprint), calls.Told);
        _connection.Closed += reason =>
        {
            calls.Closed(reason, farewell.AllowsReconnect);
            _hasClosed.TrySetResult(Refusal.OfClose(reason, farewell.AllowsReconnect));
            return Task.CompletedTask;
        };
    }

    // On the pool: SignalR's own work must not take turns of the strand.
    public Task OpenAsync(CancellationToken stop) => Task.Run(() => _connection.StartAsync(stop), stop);

    public Task<JoinResult> JoinAsync(Guid runId, long? afterSequence) =>
        InvokeAsync<JoinResult>(nameof(ICollaborationHub.JoinRun), runId.ToString(), afterSequence);

    public Task<PublishAck> PublishAsync(Guid runId, string eventType, JsonElement data, Guid messageId) =>
        InvokeAsync<PublishAck>(nameof(ICollaborationHub.Publish), runId.ToString(), eventType, data, messageId.ToString());

    public Task<PublishResult[]> PublishBatchAsync(Guid runId, PublishRequest[] events) =>
        InvokeAsync<PublishResult[]>(nameof(ICollaborationHub.PublishBatch), runId.ToString(), events, false);

    public Task MoveCursorAsync(Guid runId, string? nodeId) =>
        _connection.SendCoreAsync(nameof(ICollaborationHub.MoveCursor), [runId.ToString(), nodeId]);

    public Task<Pong> PingAsync(double clientTimestamp, double? lastRoundTripMs, (Guid RunId, long Last)? seen) => seen is { } mark
        ? InvokeAsync<Pong>(
            nameof(ICollaborationHub.Ping), clientTimestamp, lastRoundTripMs, new Dictionary<Guid, long> { [mark.RunId] = mark.Last })
        : InvokeAsync<Pong>(nameof(ICollaborationHub.Ping), clientTimestamp, lastRoundTripMs);

    public void Abort() => _socket.Abort();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<T> InvokeAsync<T>(string method, params object?[] arguments)
    {
        try
        {
            return await _connection.InvokeCoreAsync<T>(method, arguments).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfClose(e))
        {
            // SignalR fails the calls under way with the reason for which the server closes the connection, before it tells that it has
            // closed, and later ones without it. No call has been answered by that. Who hears of the failed call first has the reason.
            throw new NoAnswerException(e.Message, await _hasClosed.Task.ConfigureAwait(false) ?? e);
        }
    }

    /// <summary>
    /// The socket may be open for a moment after the server's last message, and SignalR takes no call any more, or drops it.
    /// </summary>
    private bool IsOfClose(Exception e) =>
        !_socket.IsOpen || _connection.State != HubConnectionState.Connected || e is InvalidOperationException or OperationCanceledException
        || (e is HubException && e.Message.StartsWith(ClosedByServer, StringComparison.Ordinal));

    /// <summary>
    /// Never reconnects, and takes note of what SignalR's client keeps to itself: whether the server allowed it to, for it asks only then.
    /// </summary>
    private sealed class Farewell : IRetryPolicy
    {
        private volatile bool _wasAsked;

        public bool AllowsReconnect => _wasAsked;

        public TimeSpan? NextRetryDelay(RetryContext retryContext)
        {
            _wasAsked = true;
            return null;
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
