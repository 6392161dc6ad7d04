using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Http;

/// <summary>Whether a run is as it was signed.</summary>
internal static class VerifyEndpoint
{
    /// <param name="api">The API: the address is that of a run, as the contract has it.</param>
    /// <param name="run">A run's endpoints, among which it is looked for too.</param>
    public static void Map(RouteGroupBuilder api, RouteGroupBuilder run)
    {
        api.MapGet("/runs/{runId}/verify", VerifyAsync).WithTags("Run").WithName("Verify").Produces<VerifyResult>()
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Checks what signs a run, event by event, and names the first that is wrong.");
        run.MapGet("/verify", VerifyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> VerifyAsync(
        string runId, HttpContext http, RunRequest request, IRunStore store, UserLimits limits, ServerLimits server,
        IOptions<CollabOptions> options)
    {
        var (id, caller) = await request.AuthorizeAsync(http, runId, RunAccess.Read);
        if (options.Value.Signing.Key.Count == 0)
            throw RefusedException.Invalid("This server signs nothing: it has no Collab:Signing:Key.");
        limits.Take(caller, Reading.PastState);
        using var turn = await server.StoreReads.TakeAsync(1, http.RequestAborted);
        return TypedResults.Json(await store.VerifyAsync(id, http.RequestAborted), CollabJson.Default.VerifyResult);
    }
}
