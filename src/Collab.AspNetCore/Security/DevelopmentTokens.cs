using System.Net;
using Collab.AspNetCore.Access;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Collab.AspNetCore.Security;

/// <summary><c>GET /dev/token</c>: a token for whoever asks. Mapped only where the server started without a key, and answered on loopback only.</summary>
internal static class DevelopmentTokens
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/dev/token", Create).AllowAnonymous().WithName("DevelopmentToken").WithTags("Development").Produces<DevToken>()
            .WithSummary("A token for development: user, access (repeated, default *:write), admin (default false).");

    private static IResult Create(string? user, string[]? access, bool? admin, HttpContext http, DevelopmentKey key, TimeProvider time)
    {
        // The name counts too: a page elsewhere could have its own name resolve to this machine, and ask from the browser that runs here.
        if (!UnprotectedStartRule.IsLoopbackHost(http.Request.Host.Host)) return TypedResults.NotFound();
        if (http.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote)) return TypedResults.NotFound();
        var expires = time.GetUtcNow() + Lifetime;
        var claims = new Dictionary<string, object>
        {
            ["sub"] = string.IsNullOrEmpty(user) ? "developer" : user,
            [ClaimRunAuthorizer.ClaimType] = access is { Length: > 0 } ? access : ["*:write"],
        };
        if (admin == true) claims["role"] = "admin";
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            Expires = expires.UtcDateTime,
            SigningCredentials = new(new SymmetricSecurityKey(key.Bytes), SecurityAlgorithms.HmacSha256),
        });
        return TypedResults.Json(new DevToken(token, expires), CollabJson.Default.DevToken);
    }
}
