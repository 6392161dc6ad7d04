using System.ComponentModel;
using System.Globalization;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>What administrators see and do, <c>/api/admin/websocket</c>. All of it is about the hub connections of this one server.</summary>
internal static class AdminEndpoints
{
    private const int MaxLimit = 10_000;
    private const int DefaultLimit = 1000;
    private const string LimitText = "At most so many, 1 to 10000; default 1000.";
    private const string OffsetText = "How many to leave out at the start; default 0.";

    public static void Map(RouteGroupBuilder api)
    {
        var admin = api.MapGroup("/admin/websocket").WithTags("Administration")
            .RequireAuthorization(policy => policy.RequireAssertion(context => Caller.IsAdmin(context.User)));
        admin.MapGet("/connections", GetConnections).WithName("Connections")
            .WithSummary("How many connections there are, in all and by run.");
        admin.MapGet("/connections/{runId}", GetRunConnections).WithName("RunConnections")
            .WithSummary("The connections that have joined a run, and who is there.");
        admin.MapDelete("/connections/{sessionId}", Disconnect).WithName("Disconnect").ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Ends a connection. Its client can come back; to keep a user out, change the token's rights.");
        admin.MapGet("/metrics", GetMetrics).WithName("ConnectionMetrics")
            .WithSummary("How each connection fares: the open ones, then those that ended lately, of either kind the newest first. Header X-Total-Count has their number.");
        admin.MapGet("/metrics/{sessionId}", GetSessionMetrics).WithName("SessionMetrics").ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("How one connection fares, or fared.");
        admin.MapGet("/health", GetHealth).WithName("ConnectionsHealth")
            .WithSummary("How the open connections fare together.");
        admin.MapPost("/cleanup-stale", CleanUp).WithName("CleanUpStale")
            .WithSummary("Forgets connections that ended some time ago. The server does so by itself after an hour.");
    }

    private static Ok<ConnectionOverview> GetConnections(
        [Description("At most so many runs, 1 to 10000; default 1000.")] int? limit, ConnectionMonitor monitor)
    {
        var byRun = monitor.CountByRun();
        var busiest = byRun.OrderByDescending(run => run.Value).ThenBy(run => run.Key).Take(Limit(limit));
        return TypedResults.Ok(new ConnectionOverview(byRun.Count, monitor.OpenCount, busiest.ToDictionary()));
    }

    private static Ok<RunConnections> GetRunConnections(
        string runId, [Description(LimitText)] int? limit, [Description(OffsetText)] int? offset, ConnectionMonitor monitor, Feeds feeds)
    {
        var id = RunIds.Parse(runId);
        var joined = monitor.Open.Where(r => r.Runs.Contains(id)).OrderBy(r => r.ConnectedAt).ThenBy(r => r.SessionId, StringComparer.Ordinal).ToList();
        var page = joined.Skip(Offset(offset)).Take(Limit(limit)).Select(r => new RunSession(r.SessionId, r.UserId, r.ConnectedAt));
        return TypedResults.Ok(new RunConnections(id, joined.Count, [.. page], feeds.Find(id)?.ActiveUsers ?? []));
    }

    private static Results<NoContent, ProblemHttpResult> Disconnect(string sessionId, HubSessions sessions) =>
        sessions.Disconnect(sessionId) ? TypedResults.NoContent() : NotFound("There is no open connection of that id.");

    private static Ok<IReadOnlyList<ConnectionMetrics>> GetMetrics(
        [Description(LimitText)] int? limit, [Description(OffsetText)] int? offset, HttpContext http, ConnectionMonitor monitor)
    {
        var (skip, take) = (Offset(offset), Limit(limit));
        var all = monitor.All();
        http.Response.Headers["X-Total-Count"] = all.Count.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Ok<IReadOnlyList<ConnectionMetrics>>([.. all.Skip(skip).Take(take).Select(r => r.ToMetrics())]);
    }

    private static Results<Ok<ConnectionMetrics>, ProblemHttpResult> GetSessionMetrics(string sessionId, ConnectionMonitor monitor) =>
        monitor.Find(sessionId) is { } record ? TypedResults.Ok(record.ToMetrics()) : NotFound("No connection of that id is remembered.");

    private static Ok<ConnectionsHealth> GetHealth(ConnectionMonitor monitor) => TypedResults.Ok(monitor.Health());

    private static Ok<CleanupResult> CleanUp(
        [Description("Forget what ended so many milliseconds ago or earlier, 0 to 31536000000 (a year); default 3600000.")] long? maxAgeMs, ConnectionMonitor monitor)
    {
        const long Year = 365L * 24 * 3_600_000;
        if (maxAgeMs is < 0 or > Year) throw RefusedException.Invalid($"maxAgeMs must be from 0 to {Year}.");
        return TypedResults.Ok(new CleanupResult(monitor.ForgetStale(maxAgeMs is { } age ? TimeSpan.FromMilliseconds(age) : StaleConnections.MaxAge)));
    }

    private static int Limit(int? limit) => limit switch
    {
        null => DefaultLimit,
        < 1 or > MaxLimit => throw RefusedException.Invalid($"limit must be from 1 to {MaxLimit}."),
        { } given => given,
    };

    private static int Offset(int? offset) => offset is < 0 ? throw RefusedException.Invalid("offset must be 0 or more.") : offset ?? 0;

    private static ProblemHttpResult NotFound(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);
}
