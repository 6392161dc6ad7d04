using Collab.AspNetCore.Access;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Security;

/// <summary>Marks an endpoint that only administrators may call.</summary>
internal sealed class AdminOnly;

/// <summary>Marks an endpoint that changes something though it is called by GET.</summary>
internal sealed class ChangesSomething;

/// <summary>
/// Marks an endpoint whose token may stand in its address: a browser cannot set headers on a WebSocket or an EventSource. Nowhere else, for
/// addresses end up in logs.
/// </summary>
internal sealed class TokenInAddress;

/// <summary>
/// Who gets as far as an endpoint of ours: it is decided on the endpoint itself, with our own refusals. The application's authorization
/// middleware only authenticates for us, so nothing of how it answers on its own endpoints has to be replaced.
/// </summary>
internal sealed class Admission
{
    private readonly AllowedOrigins _origins;
    private readonly bool _isOpen;
    private readonly bool _isForAdmins;
    private readonly bool _changesSomething;
    private readonly bool _takesJson;

    private Admission(EndpointBuilder endpoint)
    {
        _origins = endpoint.ApplicationServices.GetRequiredService<AllowedOrigins>();
        _isOpen = endpoint.Metadata.Any(m => m is IAllowAnonymous);
        _isForAdmins = endpoint.Metadata.Any(m => m is AdminOnly);
        _changesSomething = endpoint.Metadata.Any(m => m is ChangesSomething);
        _takesJson = endpoint.Metadata.Any(m => m is IAcceptsMetadata);
    }

    /// <summary>Puts the checks in front of endpoints.</summary>
    /// <param name="ours">The endpoints.</param>
    /// <param name="schemes">The authentication schemes that name the user; none: the application's default one.</param>
    public static void Guard(IEndpointConventionBuilder ours, IEnumerable<string> schemes)
    {
        ours.RequireAuthorization(policy => policy.AddAuthenticationSchemes([.. schemes]).RequireAssertion(_ => true));
        ours.Finally(endpoint =>
        {
            var admission = new Admission(endpoint);
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => admission.Refusal(http) is { } refusal ? refusal.ExecuteAsync(http) : next(http);
        });
    }

    private Problem? Refusal(HttpContext http)
    {
        var request = http.Request;
        if ((_changesSomething || !IsSafe(request.Method)) && !_origins.Allows(request))
            return Problem.From(new(CollabErrorCode.Forbidden, "Pages of this origin may not call: it is not in Collab:Cors:Origins."));
        if (_isOpen) return null;
        if (!http.User.Identities.Any(identity => identity.IsAuthenticated))
            return Problem.From(new(CollabErrorCode.Unauthorized, "A valid token is needed."));
        if (_isForAdmins && !Caller.IsAdmin(http.User))
            return Problem.From(new(CollabErrorCode.Forbidden, "Your token gives no right to this."));
        // Without it a page of another site could send a body that no preflight asks about.
        return _takesJson && !request.HasJsonContentType() ? Problem.NotJson : null;
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}

/// <summary>How endpoints say what they ask of a request.</summary>
internal static class AdmissionConventions
{
    /// <summary>Lets administrators in, and nobody else.</summary>
    public static TBuilder RequireAdmin<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AdminOnly());
}
