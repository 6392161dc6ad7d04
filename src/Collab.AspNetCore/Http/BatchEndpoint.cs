using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>Several events in one request, <c>/events/batch</c>.</summary>
internal static class BatchEndpoint
{
    public static void Map(RouteGroupBuilder run)
    {
        run.MapPost("/events/batch", PublishAsync).WithName("PublishBatch").Accepts<PublishBatchRequest>("application/json")
            .Produces<IReadOnlyList<PublishResult>>(StatusCodes.Status201Created).Produces<IReadOnlyList<PublishResult>>()
            .Produces<IReadOnlyList<PublishResult>>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary(
                "Publishes 1 to 100 events, all or none with atomic: 201 something was stored, 202 only ephemeral types, 200 neither.");
        // Routing would answer 415 by itself, without a code.
        run.MapPost("/events/batch", () => Problem.NotJson).ExcludeFromDescription();
    }

    private static async Task<IResult> PublishAsync(
        string runId, HttpContext http, RunRequest request, BatchPublisher publisher, Traffic traffic)
    {
        var events = 1;
        try
        {
            var body = await BatchBody.ReadAsync(http.Request);
            var batch = body.Events ?? BatchEvents.None;
            events = Math.Clamp(batch.Events.Count, 1, BatchEvents.Most);
            var (id, caller, access) = await request.GetAccessAsync(http, runId);
            var sender = new BatchSender(id, caller, access);
            var results = await publisher.SendAsync(sender, await publisher.AdmitAsync(sender, batch, body.Atomic ?? false));
            traffic.AnsweredBatch(results);
            return TypedResults.Json(results, CollabJson.Default.IReadOnlyListPublishResult, statusCode: StatusOf(results));
        }
        catch (RefusedException refused)
        {
            traffic.RefusedBatch(refused.Code, events);
            throw;
        }
    }

    private static int StatusOf(PublishResult[] results) =>
        Array.Exists(results, r => r.Ack is { SequenceNumber: not null, Duplicate: false }) ? StatusCodes.Status201Created
        : Array.Exists(results, r => r.Ack is { SequenceNumber: null }) ? StatusCodes.Status202Accepted
        : StatusCodes.Status200OK;
}
