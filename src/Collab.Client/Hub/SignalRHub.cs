using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.Client;

/// <summary>
/// A hub connection of SignalR's client over a WebSocket and nothing else: where WebSockets are blocked this client polls in its own way. It never
/// reconnects by itself: the <see cref="Connector"/> does that.
/// </summary>
internal sealed class SignalRHub : IHub
{
    private static readonly JsonHubProtocol Protocol = new(Options.Create(new JsonHubProtocolOptions
    {
        PayloadSerializerOptions = new(JsonSerializerDefaults.Web) { TypeInfoResolver = JsonTypeInfoResolver.Combine(CollabJson.Default, ClientJson.Default) },
    }));

    private readonly HubConnection _connection;
    private readonly WebSocketConnectionFactory _sockets;

    public SignalRHub(
        Uri hub,
        string token,
        Action<ClientWebSocketOptions>? configure,
        Action<Guid, CollaborationEvent[]> received,
        Action<Exception?> closed)
    {
        _sockets = new WebSocketConnectionFactory(options =>
        {
            options.SetRequestHeader("Authorization", $"Bearer {token}");
            configure?.Invoke(options);
        });
        // Without SignalR's builder: it makes a container of services for each connection.
        _connection = new HubConnection(_sockets, Protocol, new UriEndPoint(hub), NoServices.Instance, NullLoggerFactory.Instance);
        _connection.On(nameof(ICollaborationClient.ReceiveEvents), received);
        _connection.Closed += reason =>
        {
            closed(reason);
            return Task.CompletedTask;
        };
    }

    // On the pool: SignalR's own work must not take turns of the strand.
    public Task OpenAsync(CancellationToken stop) => Task.Run(() => _connection.StartAsync(stop), stop);

    public Task<JoinResult> JoinAsync(Guid runId, long? afterSequence) =>
        InvokeAsync<JoinResult>(nameof(ICollaborationHub.JoinRun), runId.ToString(), afterSequence);

    public Task<PublishAck> PublishAsync(Guid runId, string eventType, JsonElement data, Guid messageId) =>
        InvokeAsync<PublishAck>(nameof(ICollaborationHub.Publish), runId.ToString(), eventType, data, messageId.ToString());

    public Task MoveCursorAsync(Guid runId, string? nodeId) => _connection.SendCoreAsync(nameof(ICollaborationHub.MoveCursor), [runId.ToString(), nodeId]);

    public Task<Pong> PingAsync(double clientTimestamp, double? lastRoundTripMs) =>
        InvokeAsync<Pong>(nameof(ICollaborationHub.Ping), clientTimestamp, lastRoundTripMs);

    public void Abort() => _sockets.Connection?.Abort(new ConnectionAbortedException());

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<T> InvokeAsync<T>(string method, params object?[] arguments)
    {
        try
        {
            return await _connection.InvokeCoreAsync<T>(method, arguments).ConfigureAwait(false);
        }
        catch (HubException e) when (_sockets.Connection is not { HasEnded: false })
        {
            // SignalR fails the calls under way with the reason for which the server closes the connection. No call has been answered by that.
            throw new NoAnswerException(e.Message, e);
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
