using Collab.AspNetCore.Access;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// What stands before SignalR: requests of a connection come from its user alone, and a connection counts towards its user's limit from its
/// first byte, not only after a handshake that may never come.
/// </summary>
internal sealed class HubDoor(
    HubTickets tickets, UserLimits limits, ConnectionMonitor monitor,
    LastWords lastWords, TimeProvider time)
{
    /// <summary>So many connections beyond the limit are let in just to be told that they are too many.</summary>
    private const int ToldTooMany = 10;

    /// <summary>A little less than SignalR waits for its handshake.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(14);

    public static void Guard(IEndpointConventionBuilder hub) => hub.Finally(endpoint =>
    {
        var next = endpoint.RequestDelegate!;
        var isNegotiate = endpoint.Metadata.OfType<NegotiateMetadata>().Any();
        endpoint.RequestDelegate = http =>
        {
            var door = http.RequestServices.GetRequiredService<HubDoor>();
            return HttpMethods.IsOptions(http.Request.Method) ? next(http) : door.PassAsync(http, next, isNegotiate);
        };
    });

    /// <summary>Counts a connection from its beginning to its end, and notes its ticket.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var http = connection.GetHttpContext()!;
        var ticket = http.Request.Query["id"] is [{ Length: > 0 } token] ? tickets.Find(token) : null;
        if (ticket is not null) tickets.Use(ticket);
        using var admission = new HubAdmission(limits, Caller.From(http.User), ticket);
        connection.Features.Set(admission);
        var beganAt = time.GetTimestamp();
        try
        {
            await next(connection);
            // SignalR has given it up by itself, and it could not be told in words of ours.
            var hasGreeted = connection.Features.Get<HubSession>() is not null;
            if (!hasGreeted && time.GetElapsedTime(beganAt) >= SilentFor)
                monitor.NewRecord(connection.ConnectionId, clientId: null).End(Ending.Idle);
        }
        finally
        {
            if (ticket is not null) tickets.End(ticket);
        }
    }

    private async Task PassAsync(HttpContext http, RequestDelegate next, bool isNegotiate)
    {
        try
        {
            var caller = Caller.From(http.User);
            if (isNegotiate)
            {
                monitor.Entrance.Demand();
                var most = limits.MostConnectionsOf(caller);
                DemandFewer(caller, most > 0 && tickets.UnusedOf(caller.UserId) >= 4 * most);
                await tickets.IssueAsync(http, next, caller);
                return;
            }
            if (!TryFindTicket(http, out var ticket))
            {
                await Problem.NotFound("There is no connection of that token.").ExecuteAsync(http);
                return;
            }
            Check(http, caller, ticket);
        }
        catch (RefusedException refused)
        {
            await Problem.From(refused).ExecuteAsync(http);
            return;
        }
        await lastWords.RunAsync(next(http));
    }

    /// <returns>
    /// False: it names a token that nobody was given. The id of a connection that was not negotiated is none: it has no other request than
    /// its first.
    /// </returns>
    private bool TryFindTicket(HttpContext http, out HubTicket? ticket)
    {
        ticket = http.Request.Query["id"] is [{ Length: > 0 } token] ? tickets.Find(token) : null;
        return ticket is not null || http.Request.Query["id"].Count == 0;
    }

    private void Check(HttpContext http, Caller caller, HubTicket? ticket)
    {
        if (ticket is not null && ticket.UserId != caller.UserId)
            throw new RefusedException(CollabErrorCode.Forbidden, "The connection belongs to another user.");
        if (ticket is not null && Opens(http.Request.Method)) ticket.ExpiresAt = TokenExpiry.Of(http);
        if (ticket is not (null or { IsUnused: true })) return;
        monitor.Entrance.Demand();
        DemandFewer(caller, limits.IsBeyond(caller, ToldTooMany));
    }

    /// <summary>Whether a request carries the connection; over HTTP/2 a WebSocket is a CONNECT.</summary>
    private static bool Opens(string method) => HttpMethods.IsGet(method) || HttpMethods.IsConnect(method);

    private void DemandFewer(Caller caller, bool areTooMany)
    {
        if (areTooMany) throw limits.TooManyConnections(caller);
    }
}

/// <summary>One connection's place among its user's, from its first byte on.</summary>
internal sealed class HubAdmission : IDisposable
{
    private readonly IDisposable? _place;

    public HubAdmission(UserLimits limits, Caller user, HubTicket? ticket)
    {
        Ticket = ticket;
        try
        {
            _place = limits.Connect(user);
        }
        catch (RefusedException refused)
        {
            Refusal = refused;
            _place = limits.ConnectBeyond(user);
        }
    }

    public HubTicket? Ticket { get; }

    /// <summary>Why it has no place.</summary>
    public RefusedException? Refusal { get; }

    public void Dispose() => _place?.Dispose();
}
