using System.ComponentModel;
using Collab.AspNetCore.Administration;
using Collab.AspNetCore.Security;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Collab.AspNetCore.Http;

/// <summary>Which servers there are, <c>/api/admin/servers</c>.</summary>
internal static class ServerEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGroup("/admin/servers").WithTags("Administration").RequireAdmin()
            .MapGet("", GetAsync).WithName("Servers").Produces<ClusterStatus>()
            .WithSummary("The servers of the installation, how much each has to do, and which of them answer.");

    private static async Task<IResult> GetAsync(
        [Description("true: the server that answers alone; default: all.")] bool? local, ServerList servers, HttpContext http) =>
        TypedResults.Json(await servers.GetAsync(local == true, http.RequestAborted), CollabJson.Default.ClusterStatus);
}
