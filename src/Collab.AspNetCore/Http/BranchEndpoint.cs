using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>A new run that begins as a copy of another, <c>POST /api/runs</c>.</summary>
internal static class BranchEndpoint
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/runs", BranchAsync).WithName("Branch").WithTags("Runs").Accepts<BranchRequest>("application/json")
            .Produces<BranchResult>(StatusCodes.Status201Created).Produces<BranchResult>()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Begins a run as a copy of another as it was after an event: 201 made, 200 made before under the same runId.");
        // Routing would answer 415 by itself, without a code.
        api.MapPost("/runs", () => Problem.NotJson).ExcludeFromDescription();
    }

    private static async Task<IResult> BranchAsync(HttpContext http, RunRequest request, Branches branches, UserLimits limits)
    {
        var body = await JsonBody.ReadAsync(http.Request, BranchBodyJson.Default.BranchBody, "{ from, atSequence, runId }");
        var branch = body.Parse();
        await request.AuthorizeAsync(http, branch.From, RunAccess.Read);
        var caller = await request.AuthorizeAsync(http, branch.RunId, RunAccess.Write);
        limits.Take(caller, Reading.Branch);
        var (result, isNew) = await branches.MakeAsync(branch, http.RequestAborted);
        return TypedResults.Json(
            result, CollabJson.Default.BranchResult, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}

/// <summary>The body of the request, <see cref="BranchRequest"/> on the wire.</summary>
internal sealed record BranchBody(string? From, long? AtSequence, string? RunId)
{
    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public Branch Parse()
    {
        var from = RunIds.Parse(From, "from");
        if (AtSequence is not >= 1) throw RefusedException.Invalid("atSequence must be 1 or more.");
        return new(from, AtSequence.Value, string.IsNullOrEmpty(RunId) ? Guid.CreateVersion7() : RunIds.Parse(RunId));
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = false)]
[JsonSerializable(typeof(BranchBody))]
internal sealed partial class BranchBodyJson : JsonSerializerContext;
