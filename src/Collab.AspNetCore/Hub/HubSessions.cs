using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// All hub connections of this server. As SignalR's lifetime manager for our hub it is the one place that gets to see the connection itself,
/// which a subscriber needs to write to it without waiting.
/// </summary>
internal sealed class HubSessions(IRunAuthorizer authorizer, IOptions<CollabOptions> options, TimeProvider time, ILogger<HubSessions> logger)
    : DefaultHubLifetimeManager<CollaborationHub>(NullLogger<DefaultHubLifetimeManager<CollaborationHub>>.Instance)
{
    private readonly Lock _gate = new();
    private readonly HashSet<HubSession> _sessions = [];
    private readonly Dictionary<string, int> _connectionsByUser = new(StringComparer.Ordinal);
    private readonly LimitOptions _limits = options.Value.Limits;

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Set(new HubSession(connection, authorizer, _limits, time, logger));
        return base.OnConnectedAsync(connection);
    }

    /// <summary>Lets a connection in, if its user has not too many.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>, or <c>unauthorized</c>: the token names no user.</exception>
    public void Admit(HubSession session)
    {
        lock (_gate)
        {
            var count = _connectionsByUser.GetValueOrDefault(session.UserId);
            if (_limits.ConnectionsPerUser > 0 && count >= _limits.ConnectionsPerUser)
                throw new RefusedException(CollabErrorCode.RateLimited, $"A user can have {_limits.ConnectionsPerUser} connections at a time.");
            _connectionsByUser[session.UserId] = count + 1;
            _sessions.Add(session);
        }
    }

    public void Release(HubSession session)
    {
        session.End();
        lock (_gate)
        {
            if (!_sessions.Remove(session)) return;
            if (_connectionsByUser[session.UserId] == 1) _connectionsByUser.Remove(session.UserId);
            else _connectionsByUser[session.UserId]--;
        }
    }
}
