using System.ComponentModel;
using System.Globalization;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>
/// What administrators see and do of the outbox, <c>/api/admin/outbox</c>. All of it is about the store, whichever server is asked.
/// </summary>
internal static class OutboxEndpoints
{
    private const int MaxLimit = 1000;
    private const int DefaultLimit = 100;

    public static void Map(RouteGroupBuilder api)
    {
        var outbox = api.MapGroup("/admin/outbox").WithTags("Administration").RequireAdmin();
        outbox.MapGet("", GetAsync).WithName("Outbox").Produces<OutboxStatus>()
            .WithSummary("How many events wait to be moved into the log, and those that cannot be published.");
        outbox.MapPost("/{id}/retry", RetryAsync).WithName("RetryOutbox")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Lets an event that could not be published be tried again.");
        outbox.MapPost("/{id}/drop", DropAsync).WithName("DropOutbox")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Deletes an event that could not be published.");
    }

    private static async Task<IResult> GetAsync(
        [Description("At most so many of those that failed, 1 to 1000; default 100.")] int? limit,
        [Description("How many of those that failed to leave out at the start; default 0.")] int? offset,
        IOutboxStore outbox, TimeProvider time, HttpContext http)
    {
        var (take, skip) = (Paging.Limit(limit, DefaultLimit, MaxLimit), Paging.Offset(offset));
        var depth = await outbox.GetDepthAsync(http.RequestAborted);
        var page = depth.SetAside == 0 ? [] : await outbox.ListFailedAsync(skip, take, http.RequestAborted);
        var age = (long?)depth.AgeAt(time.GetUtcNow())?.TotalMilliseconds;
        return TypedResults.Json(new(depth.Count, age, depth.SetAside, [.. page.Select(ToFailure)]), CollabJson.Default.OutboxStatus);
    }

    private static async Task<IResult> RetryAsync(string id, IOutboxStore outbox, OutboxSignal signal, HttpContext http)
    {
        if (!await outbox.RetryAsync(Parse(id), http.RequestAborted)) return Missing();
        signal.Raise();
        return TypedResults.NoContent();
    }

    private static async Task<IResult> DropAsync(string id, IOutboxStore outbox, HttpContext http) =>
        await outbox.DropAsync(Parse(id), http.RequestAborted) ? TypedResults.NoContent() : Missing();

    private static long Parse(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var row)
            ? row
            : throw RefusedException.Invalid("id must be a whole number.");

    private static Problem Missing() => Problem.NotFound("No event of this id is set aside in the outbox.");

    private static OutboxFailure ToFailure(OutboxEntry e) => new(
        e.Id, e.RunId, e.MessageId, e.EventType, e.UserId,
        UnixTime.ToMilliseconds(e.CreatedAt), UnixTime.ToMilliseconds(e.FailedAt), e.Error);
}
