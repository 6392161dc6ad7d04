using Collab.AspNetCore.Http;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore;

/// <summary>Maps Collab's endpoints.</summary>
public static class CollabEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the hub at <c>/hubs/collaboration</c>, the HTTP API under <c>/api/runs</c>, the administrators' under <c>/api/admin/websocket</c>, and
    /// <c>/api/health/websocket</c>, <c>/health/live</c> and <c>/health/ready</c>. Everything but the health checks needs an authenticated user. If origins are configured, call <c>UseCors()</c> before.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The same application.</returns>
    public static IEndpointRouteBuilder MapCollab(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = app.ServiceProvider.GetRequiredService<IOptions<CollabOptions>>().Value;

        var api = app.MapGroup(CollabPaths.Api).AddEndpointFilter<RouteGroupBuilder, ProblemFilter>();
        api.ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        RunEndpoints.Map(api);
        RunListEndpoints.Map(api);
        AdminEndpoints.Map(api);
        HealthEndpoints.Map(app, api);

        var hub = HubWire.MapHub(app, CollabPaths.Hub, o =>
        {
            o.CloseOnAuthenticationExpiration = true;
            o.Transports = HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling;
        });
        HubOrigin.Guard(hub);

        foreach (var ours in (IEndpointConventionBuilder[])[api, hub])
        {
            ours.RequireAuthorization(policy => policy.RequireAuthenticatedUser());
            ours.WithMetadata(new CollabEndpoint());
            if (options.Cors.Origins.Count > 0) ours.RequireCors(CorsSetup.Policy);
        }
        if (app.ServiceProvider.GetService<DevelopmentKey>() is not null && !UnprotectedStartRule.HasKey(options)) DevelopmentTokens.Map(app);
        return app;
    }
}
