using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>Who is in a run, what each is, and how far each has seen. Who asks is not present by that.</summary>
internal static class PresenceEndpoint
{
    private const string Full = "full";

    public static void Map(RouteGroupBuilder run) =>
        run.MapGet("/presence", GetAsync).WithName("Presence").Produces<PresenceResult>()
            .WithSummary("Who is there, on whatever server, and up to which event each has applied the run.");

    /// <summary>Whether a parameter asks for all that is known of who is there.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public static bool IsFull(string? presence) => presence switch
    {
        null or "" => false,
        Full => true,
        _ => throw RefusedException.Invalid($"presence must be {Full}, or absent."),
    };

    private static async Task<IResult> GetAsync(string runId, HttpContext http, RunRequest request, Feeds feeds, UserLimits limits)
    {
        var (id, caller) = await request.AuthorizeAsync(http, runId, RunAccess.Read);
        limits.Take(caller, Reading.Poll);
        var view = await feeds.ReadAsync(id, RunView.AfterAll, http.RequestAborted, withPresence: true);
        return new RawJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("runId"u8, view.RunId);
            json.WriteString("epoch"u8, view.Epoch);
            json.WriteNumber("lastSequence"u8, view.LastSequence);
            RunViewJson.WritePresence(json, view);
            json.WriteEndObject();
        });
    }
}
