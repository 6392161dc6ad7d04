using System.ComponentModel;
using System.Globalization;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>What administrators see and do, <c>/api/admin/websocket</c>. All of it is about the connections of this one server.</summary>
internal static class AdminEndpoints
{
    private const int MaxLimit = 10_000;
    private const int DefaultLimit = 1000;
    private const string LimitText = "At most so many, 1 to 10000; default 1000.";
    private const string OffsetText = "How many to leave out at the start; default 0.";

    public static void Map(RouteGroupBuilder api)
    {
        var admin = api.MapGroup("/admin/websocket").WithTags("Administration").RequireAdmin();
        admin.MapGet("/connections", GetConnections).WithName("Connections").Produces<ConnectionOverview>()
            .WithSummary("How many connections there are, in all and by run.");
        // One name for both: in OpenAPI two paths that differ by the name alone are the same path.
        admin.MapGet("/connections/{id}", GetRunConnections).WithName("RunConnections").Produces<RunConnections>()
            .WithSummary("The connections that have joined a run, and who is there.");
        admin.MapDelete("/connections/{id}", Disconnect).WithName("Disconnect")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Ends a connection. Its client can come back; to keep a user out, change the token's rights.");
        admin.MapDelete("/users/{userId}", DisconnectUser).WithName("DisconnectUser").Produces<UserDisconnected>()
            .WithSummary(
                "Ends a user's connections, streams and polls that wait. They can come back; "
                + "to keep a user out, change the token's rights.");
        admin.MapGet("/metrics", GetMetrics).WithName("ConnectionMetrics").Produces<IReadOnlyList<ConnectionMetrics>>()
            .WithSummary(
                "How each connection fares: the open ones, then those that ended lately, of either kind the newest first. "
                + "Header X-Total-Count has their number.");
        admin.MapGet("/metrics/{sessionId}", GetSessionMetrics).WithName("SessionMetrics")
            .Produces<ConnectionMetrics>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How one connection fares, or fared.");
        admin.MapGet("/health", GetHealth).WithName("ConnectionsHealth").Produces<ConnectionsHealth>()
            .WithSummary("How the open connections fare together.");
        admin.MapPost("/cleanup-stale", CleanUp).WithName("CleanUpStale").Produces<CleanupResult>()
            .WithSummary("Forgets connections that ended some time ago. The server does so by itself after an hour.");
    }

    private static IResult GetConnections(
        [Description("At most so many runs, 1 to 10000; default 1000.")] int? limit, ConnectionMonitor monitor)
    {
        var byRun = monitor.CountByRun();
        var busiest = byRun.OrderByDescending(run => run.Value).ThenBy(run => run.Key).Take(Paging.Limit(limit, DefaultLimit, MaxLimit));
        return TypedResults.Json(new(byRun.Count, monitor.Open.Count(), busiest.ToDictionary()), CollabJson.Default.ConnectionOverview);
    }

    private static IResult GetRunConnections(
        [FromRoute(Name = "id"), Description("The run.")] string runId,
        [Description(LimitText)] int? limit, [Description(OffsetText)] int? offset, ConnectionMonitor monitor, Feeds feeds)
    {
        var id = RunIds.Parse(runId);
        var joined = monitor.Open.Where(r => r.Runs.Contains(id)).OrderBy(r => r.ConnectedAt)
            .ThenBy(r => r.SessionId, StringComparer.Ordinal).ToList();
        var page = joined.Skip(Paging.Offset(offset)).Take(Paging.Limit(limit, DefaultLimit, MaxLimit))
            .Select(r => new RunSession(r.SessionId, r.UserId, r.ConnectedAt, r.Kind));
        return TypedResults.Json(new(id, joined.Count, [.. page], feeds.Find(id)?.ActiveUsers ?? []), CollabJson.Default.RunConnections);
    }

    private static IResult Disconnect(
        [FromRoute(Name = "id"), Description("The session.")] string sessionId, ConnectionMonitor monitor) =>
        monitor.Disconnect(sessionId, Ending.Kicked)
            ? TypedResults.NoContent()
            : Problem.NotFound("There is no open connection of that id.");

    private static IResult DisconnectUser(string userId, ClusterUsers users) =>
        TypedResults.Json(new(users.Disconnect(userId, Ending.Kicked)), CollabJson.Default.UserDisconnected);

    private static IResult GetMetrics(
        [Description(LimitText)] int? limit, [Description(OffsetText)] int? offset, HttpContext http, ConnectionMonitor monitor)
    {
        var (skip, take) = (Paging.Offset(offset), Paging.Limit(limit, DefaultLimit, MaxLimit));
        var all = monitor.All();
        http.Response.Headers["X-Total-Count"] = all.Count.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Json(
            [.. all.Skip(skip).Take(take).Select(r => r.ToMetrics())], CollabJson.Default.IReadOnlyListConnectionMetrics);
    }

    private static IResult GetSessionMetrics(string sessionId, ConnectionMonitor monitor) =>
        monitor.Find(sessionId) is { } record
            ? TypedResults.Json(record.ToMetrics(), CollabJson.Default.ConnectionMetrics)
            : Problem.NotFound("No connection of that id is remembered.");

    private static IResult GetHealth(ConnectionMonitor monitor) =>
        TypedResults.Json(monitor.Health(), CollabJson.Default.ConnectionsHealth);

    private static IResult CleanUp(
        [Description("Forget what ended so many milliseconds ago or earlier, 0 to 31536000000 (a year); default 3600000.")] long? maxAgeMs,
        ConnectionMonitor monitor)
    {
        const long Year = 365L * 24 * 3_600_000;
        if (maxAgeMs is < 0 or > Year) throw RefusedException.Invalid($"maxAgeMs must be from 0 to {Year}.");
        return TypedResults.Json(
            new(monitor.ForgetStale(maxAgeMs is { } age ? TimeSpan.FromMilliseconds(age) : StaleConnections.MaxAge)),
            CollabJson.Default.CleanupResult);
    }
}
