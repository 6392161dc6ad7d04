using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Refusals;

/// <summary>
/// What a 401 says of how to come back: with a bearer token, where a scheme of the endpoint takes one. A cookie has no challenge that a
/// client could answer.
/// </summary>
internal static class Challenge
{
    private const string Bearer = "Bearer";

    /// <returns>The header's value; null: there is none to send.</returns>
    public static async Task<string?> OfAsync(HttpContext http)
    {
        if (http.RequestServices.GetService<IAuthenticationSchemeProvider>() is not { } schemes) return null;
        var policies = http.GetEndpoint()?.Metadata.GetOrderedMetadata<AuthorizationPolicy>();
        var named = policies?.SelectMany(p => p.AuthenticationSchemes).ToList();
        if (named is not { Count: > 0 }) named = await schemes.GetDefaultAuthenticateSchemeAsync() is { } usual ? [usual.Name] : [];
        var all = (await schemes.GetAllSchemesAsync()).ToList();
        var ours = all.Where(s => named.Contains(s.Name, StringComparer.Ordinal)).ToList();
        // One that only chooses among others, by the request, may choose each of them.
        if (ours.Exists(s => s.HandlerType.IsAssignableTo(typeof(PolicySchemeHandler)))) ours = all;
        return ours.Exists(TakesBearerTokens) ? Bearer : null;
    }

    /// <summary>
    /// A handler does not tell. Those that take such tokens, ASP.NET Core's two and Identity's mixed scheme, have it in their names.
    /// </summary>
    private static bool TakesBearerTokens(AuthenticationScheme scheme) =>
        scheme.HandlerType.Name.Contains(Bearer, StringComparison.Ordinal) || scheme.Name.Contains(Bearer, StringComparison.Ordinal);
}
