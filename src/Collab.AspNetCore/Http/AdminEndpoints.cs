using System.ComponentModel;
using System.Globalization;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Administration;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>
/// What administrators see and do, <c>/api/admin/websocket</c>: the connections of all servers, or, with <c>?local=true</c>, of the one
/// that answers.
/// </summary>
internal static class AdminEndpoints
{
    private const int MaxLimit = 10_000;
    private const int DefaultLimit = 1000;
    private const string LimitText = "At most so many, 1 to 10000; default 1000.";
    private const string OffsetText = "How many to leave out at the start; default 0.";
    private const string LocalText = "true: of the server that answers alone; default: of all servers.";

    public static void Map(RouteGroupBuilder api)
    {
        var admin = api.MapGroup("/admin/websocket").WithTags("Administration").RequireAdmin();
        admin.MapGet("/connections", GetConnectionsAsync).WithName("Connections").Produces<ConnectionOverview>()
            .WithSummary("How many connections there are, in all and by run.");
        // One name for both: in OpenAPI two paths that differ by the name alone are the same path.
        admin.MapGet("/connections/{id}", GetRunConnectionsAsync).WithName("RunConnections").Produces<RunConnections>()
            .WithSummary("The connections that have joined a run, and who is there.");
        admin.MapDelete("/connections/{id}", DisconnectAsync).WithName("Disconnect")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Ends a connection. Its client can come back; to keep a user out, change the token's rights.");
        admin.MapDelete("/users/{**userId}", DisconnectUserAsync).WithName("DisconnectUser").Produces<UserDisconnected>()
            .WithSummary(
                "Ends a user's connections, streams and polls that wait. They can come back; "
                + "to keep a user out, change the token's rights.");
        admin.MapGet("/metrics", GetMetricsAsync).WithName("ConnectionMetrics").Produces<IReadOnlyList<ConnectionMetrics>>()
            .WithSummary(
                "How each connection fares: the open ones, then those that ended lately, of either kind the newest first. "
                + "Header X-Total-Count has their number, X-Servers that of the servers; X-Missing names those that did not answer, "
                + "and X-Cut is true where the list ends early.");
        admin.MapGet("/metrics/{sessionId}", GetSessionMetricsAsync).WithName("SessionMetrics")
            .Produces<ConnectionMetrics>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How one connection fares, or fared.");
        admin.MapGet("/flights/{traceId}", GetFlightAsync).WithName("Flight")
            .Produces<FlightRecord>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary(
                "What became of one client's connections, the last 100 steps that each server saw: opened, joined, ended and why.");
        admin.MapGet("/health", GetHealthAsync).WithName("ConnectionsHealth").Produces<ConnectionsHealth>()
            .WithSummary("How the open connections fare together.");
        admin.MapGet("/history", GetHistoryAsync).WithName("ConnectionHistory").Produces<ConnectionHistory>()
            .WithSummary("The last 15 minutes in samples of ten seconds: connections, messages, round trips, and endings by reason.");
        admin.MapPost("/cleanup-stale", CleanUpAsync).WithName("CleanUpStale").Produces<CleanupResult>()
            .WithSummary("Forgets connections that ended some time ago. Servers do so by themselves after an hour.");
    }

    private static async Task<IResult> GetConnectionsAsync(
        [Description("At most so many runs, 1 to 10000; default 1000.")] int? limit, [Description(LocalText)] bool? local,
        ClusterConnections connections, HttpContext http) =>
        TypedResults.Json(
            await connections.OverviewAsync(Paging.Limit(limit, DefaultLimit, MaxLimit), local == true, http.RequestAborted),
            CollabJson.Default.ConnectionOverview);

    private static async Task<IResult> GetRunConnectionsAsync(
        [FromRoute(Name = "id"), Description("The run.")] string runId,
        [Description(LimitText)] int? limit, [Description(OffsetText)] int? offset, [Description(LocalText)] bool? local,
        ClusterConnections connections, HttpContext http) =>
        TypedResults.Json(
            await connections.OfRunAsync(RunIds.Parse(runId), PageOf(limit, offset), local == true, http.RequestAborted),
            CollabJson.Default.RunConnections);

    private static async Task<IResult> DisconnectAsync(
        [FromRoute(Name = "id"), Description("The session.")] string sessionId, [Description(LocalText)] bool? local,
        ClusterConnections connections, HttpContext http) =>
        await connections.EndAsync(sessionId, local == true, http.RequestAborted)
            ? TypedResults.NoContent()
            : Problem.NotFound("There is no open connection of that id.");

    private static async Task<IResult> DisconnectUserAsync(
        string userId, [Description(LocalText)] bool? local, ClusterUsers users, HttpContext http)
    {
        var user = AddressText.Of(http, userId);
        if (!Caller.IsUserId(user)) throw RefusedException.Invalid("userId is none that a user can have.");
        return TypedResults.Json(
            await users.DisconnectAsync(user, Ending.Kicked, local == true, http.RequestAborted), CollabJson.Default.UserDisconnected);
    }

    private static async Task<IResult> GetMetricsAsync(
        [Description(LimitText)] int? limit, [Description(OffsetText)] int? offset, [Description(LocalText)] bool? local,
        ClusterConnections connections, HttpContext http)
    {
        var (rows, total, servers, missing, isCut) =
            await connections.SessionsAsync(PageOf(limit, offset), local == true, http.RequestAborted);
        var headers = http.Response.Headers;
        headers["X-Total-Count"] = total.ToString(CultureInfo.InvariantCulture);
        headers["X-Servers"] = servers.ToString(CultureInfo.InvariantCulture);
        if (missing.Count > 0) headers["X-Missing"] = string.Join(", ", missing);
        if (isCut) headers["X-Cut"] = "true";
        return TypedResults.Json(rows, CollabJson.Default.IReadOnlyListConnectionMetrics);
    }

    private static async Task<IResult> GetSessionMetricsAsync(
        string sessionId, [Description(LocalText)] bool? local, ClusterConnections connections, HttpContext http) =>
        await connections.SessionAsync(sessionId, local == true, http.RequestAborted) is { } session
            ? TypedResults.Json(session, CollabJson.Default.ConnectionMetrics)
            : Problem.NotFound("No connection of that id is remembered.");

    private static async Task<IResult> GetFlightAsync(
        [Description("What the client calls itself; of one that does not say, the session's id.")] string traceId,
        [Description(LocalText)] bool? local, ClusterConnections connections, HttpContext http) =>
        await connections.FlightAsync(traceId, local == true, http.RequestAborted) is { } flight
            ? TypedResults.Json(flight, CollabJson.Default.FlightRecord)
            : Problem.NotFound("No client of that trace id is remembered.");

    private static async Task<IResult> GetHealthAsync(
        [Description(LocalText)] bool? local, ClusterConnections connections, HttpContext http) =>
        TypedResults.Json(await connections.HealthAsync(local == true, http.RequestAborted), CollabJson.Default.ConnectionsHealth);

    private static async Task<IResult> GetHistoryAsync(
        [Description(LocalText)] bool? local, ClusterConnections connections, HttpContext http) =>
        TypedResults.Json(await connections.HistoryAsync(local == true, http.RequestAborted), CollabJson.Default.ConnectionHistory);

    private static async Task<IResult> CleanUpAsync(
        [Description("Forget what ended so many milliseconds ago or earlier, 0 to 31536000000 (a year); default 3600000.")] long? maxAgeMs,
        [Description(LocalText)] bool? local, ClusterConnections connections, HttpContext http)
    {
        const long Year = 365L * 24 * 3_600_000;
        if (maxAgeMs is < 0 or > Year) throw RefusedException.Invalid($"maxAgeMs must be from 0 to {Year}.");
        var age = maxAgeMs is { } given ? TimeSpan.FromMilliseconds(given) : StaleConnections.MaxAge;
        return TypedResults.Json(await connections.CleanUpAsync(age, local == true, http.RequestAborted), CollabJson.Default.CleanupResult);
    }

    private static Page PageOf(int? limit, int? offset) => new(Paging.Offset(offset), Paging.Limit(limit, DefaultLimit, MaxLimit));
}
