using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.TestKit;

/// <summary>One user's connection to the hub, with the events it received. It never reconnects: a test that wants that connects again.</summary>
public sealed partial class HubClient : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(CollabJson.Default, new DefaultJsonTypeInfoResolver()),
    };

    private readonly HubConnection _connection;
    private readonly HubSocket _socket;
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HubClient(HubConnection connection, HubSocket socket)
    {
        _connection = connection;
        _socket = socket;
        connection.On<Guid, CollaborationEvent[]>(nameof(ICollaborationClient.ReceiveEvents), (_, events) => Events.Add(events));
        connection.Closed += OnClosed;
    }

    /// <summary>The events received so far, of all joined runs, in the order in which they came.</summary>
    public Arrivals<CollaborationEvent> Events { get; } = new();

    /// <summary>Completes when the connection has ended, with the reason if it broke.</summary>
    public Task<Exception?> Closed => _closed.Task;

    /// <summary>Where the hub of a server is.</summary>
    public static Uri HubOf(Uri server) => new(server, "hubs/collaboration");

    /// <summary>Connects.</summary>
    /// <param name="server">The server's base address.</param>
    /// <param name="token">From <see cref="TestTokens"/>; null connects without one.</param>
    /// <param name="clientId">What the client calls itself, whatever it is; null does not say.</param>
    /// <param name="runId">The run that it is going to join, as a proxy may want to know it; null does not say.</param>
    /// <param name="fullPresence">Whether joins are to be answered what those are who are there, and how far they have seen.</param>
    /// <returns>A connection that has joined no run yet.</returns>
    /// <exception cref="HttpRequestException">The server refused; <see cref="HttpRequestException.StatusCode"/> says how.</exception>
    public static async Task<HubClient> ConnectAsync(
        Uri server, string? token, string? clientId = null, Guid? runId = null, bool fullPresence = false)
    {
        var socket = new HubSocket(token: null, new CollabClientOptions());
        var builder = new HubConnectionBuilder().WithUrl(AddressOf(server, token, clientId, runId, fullPresence), HttpTransportType.WebSockets, http =>
        {
            http.SkipNegotiation = true;
            http.WebSocketFactory = socket.OpenAsync;
        });
        builder.AddJsonProtocol(protocol => protocol.PayloadSerializerOptions = Json);

        var client = new HubClient(builder.Build(), socket);
        try
        {
            await client._connection.StartAsync().WaitAsync(Patience.Default);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Joins a run: what it answers has the missed events, and from then on <see cref="Events"/> gets the new ones.</summary>
    public Task<JoinResult> JoinAsync(Guid runId, long? afterSequence = null) =>
        InvokeAsync<JoinResult>(nameof(ICollaborationHub.JoinRun), runId, afterSequence);

    /// <summary>Publishes an event of any type.</summary>
    public Task<PublishAck> PublishAsync(Guid runId, string eventType, object data, Guid? messageId = null) =>
        InvokeAsync<PublishAck>(nameof(ICollaborationHub.Publish), runId, eventType, data, messageId);

    /// <summary>Publishes a graft; what matters to a test is often only that there is an event.</summary>
    public Task<PublishAck> GraftAsync(Guid runId, string after = "ARCHITECT", string agentName = "agent", Guid? messageId = null) =>
        InvokeAsync<PublishAck>(nameof(ICollaborationHub.Graft), runId, new { after, agentName }, messageId);

    /// <summary>Moves this user's cursor.</summary>
    public Task MoveCursorAsync(Guid runId, string? nodeId) => InvokeAsync(nameof(ICollaborationHub.MoveCursor), runId, nodeId);

    /// <summary>Pings, and reports a round trip.</summary>
    public Task<Pong> PingAsync(double? lastRoundTripMs = null) => InvokeAsync<Pong>(nameof(ICollaborationHub.Ping), 0.0, lastRoundTripMs);

    /// <summary>Pings, and says up to which number a run is applied.</summary>
    public Task<Pong> SeenAsync(Guid runId, long seen) =>
        InvokeAsync<Pong>(nameof(ICollaborationHub.Ping), 0.0, null, new Dictionary<Guid, long> { [runId] = seen });

    /// <summary>Calls any hub method that returns something, with any arguments.</summary>
    /// <exception cref="HubException">The hub refused; <see cref="RefusalOf"/> reads why.</exception>
    public Task<T> InvokeAsync<T>(string method, params object?[] arguments) =>
        _connection.InvokeCoreAsync<T>(method, arguments).WaitAsync(Patience.Default);

    /// <summary>Calls any hub method that returns nothing, with any arguments.</summary>
    /// <exception cref="HubException">The hub refused; <see cref="RefusalOf"/> reads why.</exception>
    public Task InvokeAsync(string method, params object?[] arguments) =>
        _connection.InvokeCoreAsync(method, arguments).WaitAsync(Patience.Default);

    /// <summary>Calls any hub method, with any arguments, and waits for no answer.</summary>
    public Task SendAsync(string method, params object?[] arguments) => _connection.SendCoreAsync(method, arguments);

    /// <summary>Waits until what was received is enough; see <see cref="Arrivals{T}.WaitForAsync"/>.</summary>
    public Task<CollaborationEvent[]> WaitForAsync(Func<IReadOnlyList<CollaborationEvent>, bool> enough, TimeSpan? timeout = null) =>
        Events.WaitForAsync(enough, timeout);

    /// <summary>Waits until the event with this number, or a later one, was received.</summary>
    public Task<CollaborationEvent[]> WaitForSequenceAsync(Guid runId, long sequenceNumber, TimeSpan? timeout = null) =>
        Events.WaitForAsync(events => events.Any(e => e.RunId == runId && e.SequenceNumber >= sequenceNumber), timeout);

    /// <summary>The numbers of the critical events received of a run, in the order in which they came.</summary>
    public long[] SequencesOf(Guid runId) =>
        [.. Events.All.Where(e => e.RunId == runId).Select(e => e.SequenceNumber).OfType<long>()];

    /// <summary>The code with which the hub refuses a call.</summary>
    /// <param name="call">The call, which is expected to fail.</param>
    /// <exception cref="InvalidOperationException">The call succeeded, or its failure carries no code.</exception>
    public static async Task<CollabErrorCode> RefusalOf(Task call)
    {
        try
        {
            await call;
        }
        catch (HubException e)
        {
            return CollabErrorCodes.TryParse(Code().Match(e.Message).Groups["code"].Value, out var code)
                ? code
                : throw new InvalidOperationException($"A refusal without a code: {e.Message}", e);
        }
        throw new InvalidOperationException("The hub did not refuse.");
    }

    /// <summary>Drops the connection as a broken network does: without a word to the server.</summary>
    public async Task AbortAsync()
    {
        _socket.Abort();
        await Closed.WaitAsync(Patience.Default);
    }

    /// <summary>Closes the connection in order, if it is open.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task OnClosed(Exception? reason)
    {
        Events.End($"The connection has ended: {reason?.Message ?? "it was closed in order"}.");
        _closed.TrySetResult(reason);
        return Task.CompletedTask;
    }

    [GeneratedRegex(@"\[(?<code>[a-z_]+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    /// <summary>With the token in the query, as browsers send it: they cannot set a header.</summary>
    private static Uri AddressOf(Uri server, string? token, string? clientId, Guid? runId, bool fullPresence)
    {
        var query = new List<string>();
        if (token is not null) query.Add($"access_token={Uri.EscapeDataString(token)}");
        if (runId is { } run) query.Add($"run={run}");
        if (clientId is not null) query.Add($"clientId={Uri.EscapeDataString(clientId)}");
        if (fullPresence) query.Add("presence=full");
        return new UriBuilder(HubOf(server)) { Query = string.Join('&', query) }.Uri;
    }
}
