using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Security;

/// <summary>Browsers do not apply CORS to WebSockets, so the hub itself turns away pages of other origins.</summary>
internal static class HubOrigin
{
    public static void Guard(IEndpointConventionBuilder hub) => hub.Finally(endpoint =>
    {
        var next = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http => IsAllowed(http)
            ? next(http)
            : Problem.From(new(CollabErrorCode.Forbidden, "This origin is not in Collab:Cors:Origins."), http).ExecuteAsync(http);
    });

    private static bool IsAllowed(HttpContext http)
    {
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || HttpMethods.IsOptions(http.Request.Method)) return true;
        if (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == http.Request.Host.Value) return true;
        var allowed = http.RequestServices.GetRequiredService<IOptions<CollabOptions>>().Value.Cors.Origins;
        return allowed.Exists(o => string.Equals(o.TrimEnd('/'), origin, StringComparison.OrdinalIgnoreCase));
    }
}
