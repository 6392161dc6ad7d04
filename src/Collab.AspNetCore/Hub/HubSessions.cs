using Collab.AspNetCore.Access;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// All hub connections of this server. As SignalR's lifetime manager for our hub it is the one place that gets to see the connection itself,
/// which a subscriber needs to write to it without waiting.
/// </summary>
internal sealed class HubSessions(
    RunRights rights, ConnectionMonitor monitor, UserLimits userLimits, IOptions<CollabOptions> options, IOptions<HubOptions<CollaborationHub>> hub,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HubSessions> logger)
    : DefaultHubLifetimeManager<CollaborationHub>(NullLogger<DefaultHubLifetimeManager<CollaborationHub>>.Instance)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (HubSession Session, IDisposable Connection)> _sessions = new(StringComparer.Ordinal);
    private readonly LimitOptions _limits = options.Value.Limits;

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        var record = monitor.NewRecord(connection.ConnectionId, ClientIds.Parse(connection.GetHttpContext()?.Request.Query[ClientIds.Parameter] ?? default));
        record.WhenEnded = connection.Abort;
        connection.Protocol = new HubFarewell(
            connection.Protocol, record, (int)hub.Value.MaximumReceiveMessageSize!, hub.Value.ClientTimeoutInterval!.Value, time, lifetime.ApplicationStopping);
        var session = new HubSession(connection, record, rights, _limits, time, logger);
        connection.Features.Set(session);
        // SignalR tells the hub of the end only after its goodbye was written, which waits for a client that does not read.
        connection.ConnectionAborted.Register(() => Release(session));
        return base.OnConnectedAsync(connection);
    }

    /// <summary>Lets a connection in, if its user has not too many.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>, or <c>unauthorized</c>: the token names no user.</exception>
    public void Admit(HubSession session)
    {
        var connection = userLimits.Connect(session.UserId);
        lock (_gate) _sessions.Add(session.Record.SessionId, (session, connection));
        monitor.Opened(session.Record, session.UserId);
        // It may have ended in between, and then nothing else would release it.
        if (session.HasEnded) Release(session);
    }

    public void Release(HubSession session)
    {
        session.LeaveAll();
        (HubSession, IDisposable Connection) admitted;
        lock (_gate)
        {
            if (!_sessions.Remove(session.Record.SessionId, out admitted)) return;
        }
        admitted.Connection.Dispose();
        monitor.Closed(session.Record);
    }

    /// <summary>Ends a connection, which can come back.</summary>
    /// <returns>False: there is none of that id.</returns>
    public bool Disconnect(string sessionId)
    {
        HubSession? session;
        lock (_gate) session = _sessions.GetValueOrDefault(sessionId).Session;
        session?.End(Ending.Kicked);
        return session is not null;
    }
}
