using Collab.AspNetCore.Http;
using Collab.AspNetCore.Hub;
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
    /// Maps the hub at <c>/hubs/collaboration</c>, the HTTP API under <c>/api/runs</c>, the administrators' under
    /// <c>/api/admin</c>, and <c>/api/health/websocket</c>, <c>/health/live</c> and <c>/health/ready</c>. Everything but the
    /// health checks needs an authenticated user, so <c>UseAuthentication()</c> and <c>UseAuthorization()</c> come before; if origins are
    /// configured, <c>UseCors()</c> too.
    /// </summary>
    /// <param name="app">The application, or a group of it.</param>
    /// <returns>The same application.</returns>
    public static IEndpointRouteBuilder MapCollab(this IEndpointRouteBuilder app) => app.MapCollab(_ => { });

    /// <summary>As <see cref="MapCollab(IEndpointRouteBuilder)"/>, at other places.</summary>
    /// <param name="app">The application, or a group of it.</param>
    /// <param name="configure">Moves endpoints, or leaves them out.</param>
    /// <returns>The same application.</returns>
    public static IEndpointRouteBuilder MapCollab(this IEndpointRouteBuilder app, Action<CollabEndpointOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(configure);
        var options = app.ServiceProvider.GetRequiredService<IOptions<CollabOptions>>().Value;
        var checksTokens = app.ServiceProvider.GetService<DevelopmentKey>() is not null;
        var places = new CollabEndpointOptions();
        configure(places);
        if (places.AuthenticationSchemes.Count == 0 && checksTokens) places.AuthenticationSchemes.Add(CollabBuilder.AuthenticationScheme);

        var api = MapApi(app, places.ApiPath);
        HealthEndpoints.Map(app, api, places);
        foreach (var ours in (IEndpointConventionBuilder[])[api, MapHub(app, places.HubPath)])
        {
            Admission.Guard(ours, places.AuthenticationSchemes);
            AllowOrigins(ours, options);
        }
        if (checksTokens && !UnprotectedStartRule.HasKey(options))
            AllowOrigins(QueryParameters.Check(DevelopmentTokens.Map(app)).LimitDocuments(), options);
        return app;
    }

    private static RouteGroupBuilder MapApi(IEndpointRouteBuilder app, string path)
    {
        var api = app.MapGroup(path).AddEndpointFilter<RouteGroupBuilder, ProblemFilter>();
        api.ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        RunEndpoints.Map(api);
        RunListEndpoints.Map(api);
        BranchEndpoint.Map(api);
        AdminEndpoints.Map(api);
        ServerEndpoints.Map(api);
        DrainEndpoints.Map(api);
        OutboxEndpoints.Map(api);
        HandlerEndpoints.Map(api);
        return QueryParameters.Check(api);
    }

    private static IEndpointConventionBuilder MapHub(IEndpointRouteBuilder app, string path)
    {
        var hub = HubWire.MapHub(app, path, o =>
        {
            // In version 0 the id that administrators see is the token that opens the connection.
            o.MinimumProtocolVersion = 1;
            o.Transports = HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling;
        }, PacedStream.RunAsync);
        HubDoor.Guard(hub);
        return hub.WithMetadata(new TokenInAddress(), new ChangesSomething());
    }

    private static void AllowOrigins(IEndpointConventionBuilder ours, CollabOptions options)
    {
        if (options.Cors.Origins.Count > 0) ours.RequireCors(CorsSetup.Policy);
    }
}
