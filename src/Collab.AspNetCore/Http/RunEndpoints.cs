using System.ComponentModel;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Security;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>The endpoints of one run, <c>/api/runs/{runId}/collaboration</c>.</summary>
internal static class RunEndpoints
{
    private const int MaxLimit = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        var run = api.MapGroup("/runs/{runId}/collaboration").WithTags("Run");
        run.MapGet("/poll", PollAsync).WithName("Poll").Produces<PollResult>().Produces(StatusCodes.Status304NotModified)
            .AddEndpointFilter(Traffic.CountPoll).WithMetadata(new ChangesSomething())
            .WithSummary("The events after a position, and who is there. Waits for news if asked to.");
        run.MapGet("/replay", ReplayAsync).WithName("Replay").Produces<ReplayResult>().Produces(StatusCodes.Status304NotModified)
            .WithSummary("Kept events, filtered and paged.");
        run.MapGet("/state", StateAsync).WithName("State").Produces<RunState>().Produces(StatusCodes.Status304NotModified)
            .WithSummary("What all events since the first add up to, or did up to an earlier one.");
        VerifyEndpoint.Map(api, run);
        run.MapGet("/stream", EventStream.GetAsync).WithName("Stream").Produces<CollaborationEvent>(contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new TokenInAddress(), new ChangesSomething())
            .WithSummary("The events as server-sent events; Last-Event-ID resumes.");
        run.MapPost("/events", PublishAsync).WithName("Publish")
            .AddEndpointFilter(Traffic.CountPublish).Accepts<PublishRequest>("application/json")
            .Produces<PublishAck>(StatusCodes.Status201Created).Produces<PublishAck>().Produces<PublishAck>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Publishes an event: 201 stored, 200 stored before under the same messageId, 202 an ephemeral type.");
        // Routing would answer 415 by itself, without a code.
        run.MapPost("/events", () => Problem.NotJson).ExcludeFromDescription();
        BatchEndpoint.Map(run);
        PresenceEndpoint.Map(run);
    }

    private static async Task<IResult> PollAsync(
        string runId,
        [Description("The last sequence number the client has; default 0, for all kept events.")] long? afterSequence,
        [Description("How long to wait for an event, 0 to 30 seconds; default 0.")] int? waitSeconds,
        [Description(
            "The number up to which the client has applied the run, for others to see; "
            + "one that the run has not reached counts as its last. Default: the client does not say.")]
        long? seen,
        [Description("full: answer what those are who are there, and how far each has seen. Default: who is there alone.")]
        string? presence,
        HttpContext http, RunRequest request, Feeds feeds, LongPoll longPoll, UserLimits limits)
    {
        var (id, caller) = await request.AuthorizeAsync(http, runId, RunAccess.Read);
        var after = RunIds.ParsePosition(afterSequence);
        if (waitSeconds is < 0 or > 30) throw RefusedException.Invalid("waitSeconds must be from 0 to 30.");
        if (seen is < 0) throw RefusedException.Invalid("seen must be 0 or more.");
        var question = new PollQuestion(after, TimeSpan.FromSeconds(waitSeconds ?? 0), seen, PresenceEndpoint.IsFull(presence));
        limits.Take(caller, Reading.Poll);
        var feed = await feeds.GetAsync(id, http.RequestAborted);
        var view = await longPoll.ReadAsync(http, feed, caller, question);
        return KeptAnswer.Of(new PollAnswer(view), view);
    }

    private static async Task<IResult> ReplayAsync(
        string runId,
        [Description("Only events after this number. Not together with fromSequence.")] long? afterSequence,
        [Description("Only events from this number on. Not together with afterSequence.")] long? fromSequence,
        [Description("At most so many events, 1 to 1000; default 100.")] int? limit,
        [Description("Only events of this type.")] string? eventType,
        [Description("Only events by this user.")] string? userId,
        [Description("Only events at or after this time, ISO 8601.")] DateTimeOffset? since,
        HttpContext http, RunRequest request, Feeds feeds, UserLimits limits, CollabMetrics metrics)
    {
        metrics.Replayed();
        var (id, caller) = await request.AuthorizeAsync(http, runId, RunAccess.Read);
        if (afterSequence is not null && fromSequence is not null)
            throw RefusedException.Invalid("Give afterSequence or fromSequence, not both.");
        if (fromSequence is < 0) throw RefusedException.Invalid("fromSequence must be 0 or more.");
        var most = Paging.Limit(limit, usual: 100, MaxLimit);
        var after = fromSequence is > 0 ? fromSequence.Value - 1 : RunIds.ParsePosition(afterSequence);
        limits.Take(caller, Reading.Replay);
        var view = await feeds.ReadAsync(id, after, http.RequestAborted);
        var from = since?.ToUnixTimeMilliseconds();
        var matching = view.Events
            .Where(e => (eventType is null || e.EventType == eventType)
                && (userId is null || e.UserId == userId) && (from is null || e.Timestamp >= from))
            .ToArray();
        return KeptAnswer.Of(new ReplayAnswer(view, matching, most), view);
    }

    private static async Task<IResult> StateAsync(
        string runId,
        [Description("The state as it was after this event: from the one before the oldest kept to the newest. Default: as it is.")]
        long? asOfSequence,
        HttpContext http, RunRequest request, Feeds feeds, PastStates past, UserLimits limits)
    {
        var (id, caller) = await request.AuthorizeAsync(http, runId, RunAccess.Read);
        limits.Take(caller, asOfSequence is null ? Reading.Poll : Reading.PastState);
        // What was stays as it was, whether the run has ended or not.
        if (asOfSequence is { } sequence)
        {
            var then = await past.ReadAsync(id, sequence, http.RequestAborted);
            return KeptAnswer.OfState(
                then, () => StateFingerprint.Of(JsonSerializer.Deserialize(then, CollabJson.Default.RunState)!), isFinal: true);
        }
        var feed = await feeds.GetAsync(id, http.RequestAborted);
        var (now, fingerprint) = feed.StateWithFingerprint;
        return KeptAnswer.OfState(now, () => fingerprint.Value, feed.HasEnded);
    }

    private static async Task<IResult> PublishAsync(string runId, HttpContext http, RunRequest request, Publisher publisher)
    {
        var body = await PublishBody.ReadAsync(http.Request);
        var publish = publisher.Parse(
            RunIds.Parse(runId), body.EventType, body.Data ?? EventData.Empty, body.MessageId, body.BasedOnSequence, body.Signature);
        var (_, caller) = await request.AuthorizeAsync(http, runId, publish.Type.NeededAccess());
        var ack = await publisher.PublishAsync(caller, publish);
        var status = !publish.Type.IsCritical ? StatusCodes.Status202Accepted
            : ack.Duplicate ? StatusCodes.Status200OK
            : StatusCodes.Status201Created;
        return TypedResults.Json(ack, CollabJson.Default.PublishAck, statusCode: status);
    }
}
