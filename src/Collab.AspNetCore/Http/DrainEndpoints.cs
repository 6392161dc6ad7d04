using Collab.AspNetCore.Draining;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>The drain of this one server, <c>/api/admin/drain</c>.</summary>
internal static class DrainEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var drain = api.MapGroup("/admin/drain").WithTags("Administration").RequireAdmin();
        drain.MapGet("", Get).WithName("DrainStatus").Produces<DrainStatus>()
            .WithSummary("How far this server is on its way out.");
        drain.MapPost("", Begin).WithName("Drain").Produces<DrainStatus>()
            .WithSummary(
                "Sends this server's connections elsewhere: unready at once, then they are told to go, some every second. "
                + "Again it does nothing.");
        drain.MapDelete("", TakeBack).WithName("TakeBackDrain").Produces<DrainStatus>().ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Lets the server be ready again. Connections that were told to go are gone. 409: the server is stopping.");
    }

    private static IResult Get(Drain drain, RunLog.RunLog log) =>
        TypedResults.Json(drain.Status(log.Pending), CollabJson.Default.DrainStatus);

    private static IResult Begin(Drain drain, RunLog.RunLog log)
    {
        // It goes on by itself, and is over when its state says so.
        _ = drain.Begin();
        return Get(drain, log);
    }

    private static IResult TakeBack(Drain drain, RunLog.RunLog log) => drain.TryTakeBack()
        ? Get(drain, log)
        : Problem.Conflict("The server is stopping, and that cannot be taken back.");
}
