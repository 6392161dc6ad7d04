using System.Text.Json;
using Collab.AspNetCore.Draining;
using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Http;

/// <summary>
/// How the server is, for any caller. <c>/health/live</c>: the process answers. <c>/health/ready</c>: and so does what it needs.
/// <c>/api/health/websocket</c>: what it has done so far. None of them names anybody, or says more of a failure than where it is.
/// </summary>
internal static class HealthEndpoints
{
    public const string Ready = "ready";

    public static void Map(IEndpointRouteBuilder app, RouteGroupBuilder api, CollabEndpointOptions places)
    {
        if (places.LivenessPath is { } live)
            app.MapHealthChecks(live, new() { Predicate = _ => false, ResponseWriter = WriteAsync }).AllowAnonymous().LimitProbes();
        if (places.ReadinessPath is { } ready)
            app.MapHealthChecks(ready, new() { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = WriteAsync })
                .AllowAnonymous().LimitProbes();
        api.MapGet("/health/websocket", Get).WithName("WebSocketHealth")
            .Produces<WebSocketHealth>().WithTags("Health").AllowAnonymous().LimitProbes()
            .WithSummary("Connections, messages and errors since the start, and the hub's port. Needs no token.");
    }

    private static IResult Get(ConnectionMonitor monitor, IServer server, IOptions<CollabOptions> options)
    {
        var traffic = monitor.Traffic;
        return TypedResults.Json(new(
            traffic.Connections.Value, monitor.OpenCount, traffic.In.Value, traffic.Failures + traffic.Refusals.Value,
            (long)monitor.Uptime.TotalSeconds, PortOf(server, options.Value.Metrics.Port)), CollabJson.Default.WebSocketHealth);
    }

    /// <summary>The port that the server was given or has picked; not the one that is for metrics alone.</summary>
    private static int? PortOf(IServer server, int? metricsPort)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            if (BindingAddress.Parse(address).Port is var port && port != metricsPort) return port;
        }
        return null;
    }

    private static Task WriteAsync(HttpContext http, Microsoft.Extensions.Diagnostics.HealthChecks.HealthReport report)
    {
        // A drain is no part that works or fails: it is named while there is one.
        var parts = report.Entries.Where(e => e.Key != DrainHealthCheck.Name || e.Value.Status != HealthStatus.Healthy).ToDictionary(
            e => e.Key, e => e.Key == DrainHealthCheck.Name ? DrainHealthCheck.Word : e.Value.Status.ToString(), StringComparer.Ordinal);
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.Body.WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(new(report.Status.ToString(), parts), CollabJson.Default.HealthReport), http.RequestAborted)
                .AsTask();
    }
}
