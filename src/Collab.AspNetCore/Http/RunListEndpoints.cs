using System.ComponentModel;
using System.Text.Json;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>The list of runs, and their end: <c>/api/runs</c>.</summary>
internal static class RunListEndpoints
{
    private const int MaxLimit = 100;

    /// <summary>An authorizer that must be asked for each run bounds a page by what is asked, not only by what is found.</summary>
    private const int MaxAsked = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/runs", ListAsync).WithName("Runs").WithTags("Runs").Produces<RunPage>()
            .WithSummary("The runs that the caller may read, newest activity first.");
        api.MapDelete("/runs/{runId}", EraseAsync).WithName("Erase").WithTags("Runs").Produces(StatusCodes.Status204NoContent)
            .RequireAdmin()
            .WithSummary("Erases a run and all its events. Admin only.");
    }

    private static async Task<IResult> ListAsync(
        [Description("At most so many runs, 1 to 100; default 20.")] int? limit,
        [Description("nextCursor of the page before.")] string? cursor,
        [Description("true: only runs that have ended; false: only those that go on. Default: both.")] bool? ended,
        HttpContext http, IRunStore store, Feeds feeds, RunRights rights, UserLimits limits, ServerLimits serverLimits)
    {
        var wanted = Paging.Limit(limit, usual: 20, MaxLimit);
        var caller = Caller.From(http.User);
        var (userId, user) = caller;
        limits.Take(caller, Reading.List);
        var key = await store.GetCursorKeyAsync(http.RequestAborted);
        (DateTime, Guid)? before = cursor is null ? null : ListCursor.Open(key, userId, cursor);
        var only = await rights.GetReadableRunsAsync(user, http.RequestAborted);
        var found = new List<StoredRun>();
        StoredRun? lastAsked = null;
        var isLastPage = false;
        for (var asked = 0; found.Count < wanted && asked < MaxAsked && !isLastPage;)
        {
            IReadOnlyList<StoredRun> page;
            using (await serverLimits.StoreReads.TakeAsync(1, http.RequestAborted))
                page = await store.ListAsync(new(only, before, wanted + 1) { Ended = ended }, http.RequestAborted);
            isLastPage = page.Count <= wanted;
            foreach (var run in page.Take(wanted))
            {
                if (found.Count == wanted)
                {
                    isLastPage = false;
                    break;
                }
                lastAsked = run;
                asked++;
                if (await rights.GetAccessAsync(user, run.RunId, http.RequestAborted) >= RunAccess.Read) found.Add(run);
            }
            if (lastAsked is not null) before = (lastAsked.UpdatedAt, lastAsked.RunId);
        }
        var next = isLastPage || lastAsked is null ? null : ListCursor.Seal(key, userId, lastAsked.UpdatedAt, lastAsked.RunId);
        return new RawJson(json => Write(json, found, next, feeds));
    }

    private static async Task<IResult> EraseAsync(string runId, HttpContext http, RunLog.RunLog log)
    {
        await log.EraseAsync(RunIds.Parse(runId), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static void Write(Utf8JsonWriter json, List<StoredRun> runs, string? next, Feeds feeds)
    {
        json.WriteStartObject();
        json.WriteStartArray("runs"u8);
        foreach (var run in runs)
        {
            json.WriteStartObject();
            json.WriteString("runId"u8, run.RunId);
            json.WriteString("epoch"u8, run.Epoch);
            json.WriteNumber("lastSequence"u8, run.LastSequence);
            RunViewJson.WriteOrigin(json, run.BranchedFrom);
            json.WriteNumber("createdAt"u8, UnixTime.ToMilliseconds(run.CreatedAt));
            json.WriteNumber("updatedAt"u8, UnixTime.ToMilliseconds(run.UpdatedAt));
            if (run.IsEnded) json.WriteBoolean("ended"u8, true);
            json.WritePropertyName("lastEvent"u8);
            if (run.LastEvent is { } last) json.WriteRawValue(last.Json, skipInputValidation: true);
            else json.WriteNullValue();
            RunViewJson.WriteUsers(json, feeds.Find(run.RunId)?.ActiveUsers ?? []);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("nextCursor"u8, next);
        json.WriteEndObject();
    }
}
