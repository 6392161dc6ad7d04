using System.Net;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Collab.AspNetCore.Security;

/// <summary>
/// <c>GET /dev/token</c>: a token for any caller. Mapped only where the server started without a key, and answered to this machine only.
/// </summary>
internal static class DevelopmentTokens
{
    private const string Person = "person";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>By one of these a proxy shows itself, and with it that the request may come from anywhere.</summary>
    private static readonly string[] ProxyHeaders =
    [
        "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP",
    ];

    private static readonly string[] ProxyPrefixes = ["X-Forwarded-", "X-Original-", "X-Envoy-"];

    public static RouteHandlerBuilder Map(IEndpointRouteBuilder app) =>
        app.MapGet("/dev/token", Create).AllowAnonymous().WithName("DevelopmentToken").WithTags("Development").Produces<DevToken>()
            .WithSummary(
                "A token for development: user, access (repeated, default *:write), admin (default false), "
                + "kind (agent; default: a person). With Collab:Signing:Clients:Secret what the user signs publishes with, too.");

    private static IResult Create(
        string? user, string[]? access, bool? admin, string? kind, HttpContext http, DevelopmentKey key, IOptions<CollabOptions> options,
        TimeProvider time)
    {
        if (!IsFromThisMachine(http)) return Problem.NotFound("There are no development tokens for other machines.");
        if (kind is not (null or "" or Person or Caller.AgentKind))
            throw RefusedException.Invalid($"kind must be {Person} or {Caller.AgentKind}.");
        var userId = string.IsNullOrEmpty(user) ? "developer" : user;
        var expires = time.GetUtcNow() + Lifetime;
        var claims = new Dictionary<string, object>
        {
            ["sub"] = userId,
            [ClaimRunAuthorizer.ClaimType] = access is { Length: > 0 } ? access : ["*:write"],
        };
        if (admin == true) claims["role"] = "admin";
        if (kind == Caller.AgentKind) claims[Caller.KindClaim] = kind;
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            Expires = expires.UtcDateTime,
            SigningCredentials = new(new SymmetricSecurityKey(key.Bytes), SecurityAlgorithms.HmacSha256),
        });
        http.Response.Headers.CacheControl = "no-store";
        var secrets = options.Value.Signing.Clients.Secret;
        var answer = new DevToken(token, expires) { SigningSecret = secrets.Count == 0 ? null : ClientSecrets.For(secrets[0], userId) };
        return TypedResults.Json(answer, CollabJson.Default.DevToken);
    }

    private static bool IsFromThisMachine(HttpContext http)
    {
        // The name counts too: a page elsewhere could have its own name resolve to this machine, and ask from the browser that runs here.
        if (!ListenAddresses.IsLoopbackHost(http.Request.Host.Host)) return false;
        if (http.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote)) return false;
        // nginx as it comes says nothing of itself, but speaks HTTP/1.0 upstream.
        if (HttpProtocol.IsHttp10(http.Request.Protocol)) return false;
        return !http.Request.Headers.Keys.Any(IsOfProxy);
    }

    private static bool IsOfProxy(string header) =>
        ProxyHeaders.Contains(header, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(ProxyPrefixes, p => header.StartsWith(p, StringComparison.OrdinalIgnoreCase));
}
