using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Lets hub connections in, and lets go of them. As SignalR's lifetime manager for our hub it is the one place that gets to see the
/// connection itself, which a subscriber needs to write to it without waiting.
/// </summary>
internal sealed class HubSessions(
    RunRights rights, Publisher publisher, BatchPublisher batches, Feeds feeds, ConnectionMonitor monitor,
    ServerLimits serverLimits, IOptions<CollabOptions> options,
    IOptions<HubOptions<CollaborationHub>> hub, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HubSessions> logger)
    : DefaultHubLifetimeManager<CollaborationHub>(NullLogger<DefaultHubLifetimeManager<CollaborationHub>>.Instance)
{
    /// <summary>In the hub's address: the client takes <c>ReceiveFingerprint</c>.</summary>
    private const string FingerprintsParameter = "fingerprints";

    /// <summary>In the hub's address, <c>full</c>: joins are answered what those are who are there, and how far they have seen.</summary>
    private const string PresenceParameter = "presence";

    private readonly int _maxMessageBytes = (int)(hub.Value.MaximumReceiveMessageSize ?? int.MaxValue);
    private readonly TimeSpan _silence = hub.Value.ClientTimeoutInterval ?? TimeSpan.FromSeconds(30);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        var record = NewRecord(connection);
        var session = new HubSession(
            connection, record, rights, publisher, batches, feeds, serverLimits.Answers, options.Value, time, logger)
        {
            // SignalR's own clients log a call that they have no handler for as an error.
            WantsFingerprints = connection.GetHttpContext()?.Request.Query[FingerprintsParameter] is ["true"],
            WantsPresence = connection.GetHttpContext()?.Request.Query[PresenceParameter] is ["full"],
        };
        connection.Features.Set(session);
        connection.Protocol = new HubFarewell(connection.Protocol, record, _maxMessageBytes, _silence, time, lifetime.ApplicationStopping);
        record.WhenEnded = () =>
        {
            Release(connection);
            connection.Abort();
        };
        if (connection.Features.Get<HubAdmission>()?.Refusal is { } refusal)
        {
            monitor.Traffic.Refusals.Add();
            record.End(Ending.TooMany(refusal.Detail));
            return Task.CompletedTask;
        }
        monitor.Opened(record, session.UserId);
        // SignalR tells us of the end only after its goodbye was written, which waits for a client that does not read.
        connection.ConnectionAborted.Register(() => Release(connection));
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        Release(connection);
        return Task.CompletedTask;
    }

    /// <summary>The connection is over, or is told so: nothing of it is left, whatever its last words wait for.</summary>
    private void Release(HubConnectionContext connection)
    {
        if (connection.Features.Get<HubSession>() is not { } session) return;
        session.LeaveAll();
        monitor.Closed(session.Record);
        connection.Features.Get<HubAdmission>()?.Dispose();
    }

    private ConnectionRecord NewRecord(HubConnectionContext connection)
    {
        var (http, ticket) = (connection.GetHttpContext(), connection.Features.Get<HubAdmission>()?.Ticket);
        var record = monitor.NewRecord(
            connection.ConnectionId, ClientIds.Parse(http?.Request.Query[ClientIds.Parameter] ?? default), KindOf(connection));
        record.Returns = ClientIds.ParseReturns(http?.Request.Query[ClientIds.ReturnsParameter] ?? default);
        var first = http is null ? null : TokenExpiry.Of(http);
        record.ExpiresAt = () => ticket is null ? first : ticket.ExpiresAt;
        if (http?.Features.Get<HubWire>() is { } wire) wire.Record = record;
        return record;
    }

    private static ConnectionKind KindOf(HubConnectionContext connection) =>
        connection.Features.Get<IHttpTransportFeature>()?.TransportType switch
        {
            HttpTransportType.ServerSentEvents => ConnectionKind.Sse,
            HttpTransportType.LongPolling => ConnectionKind.LongPolling,
            _ => ConnectionKind.WebSocket,
        };
}
