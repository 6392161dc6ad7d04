using System.ComponentModel;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Handlers;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Http;

/// <summary>
/// What administrators see and do of handlers, <c>/api/admin/handlers</c>. All of it is about the store, whichever server is asked.
/// </summary>
internal static class HandlerEndpoints
{
    private const int MaxLimit = 1000;
    private const int DefaultLimit = 100;

    public static void Map(RouteGroupBuilder api)
    {
        var handlers = api.MapGroup("/admin/handlers").WithTags("Administration").RequireAdmin();
        handlers.MapGet("", GetAsync).WithName("Handlers").Produces<IReadOnlyList<HandlerStatus>>()
            .WithSummary("How each handler stands, and the runs that it has given up.");
        handlers.MapPost("/{name}/runs/{runId}/retry", RetryAsync).WithName("RetryRun")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Lets a handler go on with a run that it has given up, with the event that failed.");
        handlers.MapPost("/{name}/runs/{runId}/skip", SkipAsync).WithName("SkipEvent")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Lets a handler go on with a run that it has given up, after the event that failed.");
    }

    private static async Task<IResult> GetAsync(
        [Description("At most so many parked runs of each handler, 1 to 1000; default 100.")] int? limit,
        IHandlerStore store, HttpContext http)
    {
        var most = Paging.Limit(limit, DefaultLimit, MaxLimit);
        var answer = new List<HandlerStatus>();
        foreach (var (name, lag, parkedRuns, seenAgo) in await store.GetStandingsAsync(http.RequestAborted))
        {
            var parked = parkedRuns == 0 ? [] : await store.ListParkedAsync(name, most, http.RequestAborted);
            answer.Add(new(name, lag, parkedRuns, (long)seenAgo.TotalMilliseconds, [.. parked.Select(ToParked)]));
        }
        return TypedResults.Json(answer, CollabJson.Default.IReadOnlyListHandlerStatus);
    }

    private static Task<IResult> RetryAsync(string name, string runId, IHandlerStore store, HttpContext http) =>
        UnparkAsync(name, runId, skip: false, store, http);

    private static Task<IResult> SkipAsync(string name, string runId, IHandlerStore store, HttpContext http) =>
        UnparkAsync(name, runId, skip: true, store, http);

    private static async Task<IResult> UnparkAsync(string name, string runId, bool skip, IHandlerStore store, HttpContext http)
    {
        var run = RunIds.Parse(runId);
        name = AddressText.Of(http, name, segmentsAfter: 3);
        if (!StoreText.CanHold(name) || !await store.UnparkAsync(name, run, skip, http.RequestAborted))
            return Problem.NotFound("This handler has given up no such run.");
        // Where another application has the handler, it finds the run within half a minute.
        var services = http.RequestServices;
        if (services.GetService<HandlerTable>()?.Find(name) is { } handler) services.GetRequiredService<HandlerEngine>().Due(handler, run);
        return TypedResults.NoContent();
    }

    private static ParkedRun ToParked(ParkedRunRow row) =>
        new(row.RunId, row.Position + 1, row.Attempts, UnixTime.ToMilliseconds(row.ParkedAt), row.Error);
}
