using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Collab.AspNetCore.Security;

/// <summary>How tokens are checked: by the keys of an OIDC authority, by a symmetric key, or in development by a key of this machine's own.</summary>
internal sealed class JwtBearerSetup(IOptions<CollabOptions> options, DevelopmentKey developmentKey, CheckedTokens tokens) : IConfigureNamedOptions<JwtBearerOptions>
{
    private const string BearerPrefix = "Bearer ";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public void Configure(JwtBearerOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, JwtBearerOptions jwt)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme) return;
        var auth = options.Value.Auth;
        jwt.MapInboundClaims = false;
        jwt.TokenValidationParameters = new()
        {
            NameClaimType = "sub",
            RoleClaimType = "role",
            ClockSkew = ClockSkew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateAudience = auth.Audience is not null,
            ValidAudience = auth.Audience,
            ValidateIssuer = auth.Authority is not null,
        };
        if (auth.Authority is { } authority)
        {
            jwt.Authority = authority;
            jwt.RequireHttpsMetadata = !new Uri(authority).IsLoopback;
        }
        else
        {
            jwt.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            jwt.TokenValidationParameters.IssuerSigningKey =
                new SymmetricSecurityKey(auth.SigningKey is { } key ? Encoding.UTF8.GetBytes(key) : developmentKey.Bytes);
        }
        jwt.SaveToken = false;
        jwt.Events = new() { OnMessageReceived = TakeToken, OnTokenValidated = KeepClaimsOnly };
    }

    /// <summary>The identity holds on to the whole token as it was parsed, kilobytes for as long as a connection lasts. The claims are enough.</summary>
    private Task KeepClaimsOnly(TokenValidatedContext context)
    {
        if (context.Principal?.Identity is ClaimsIdentity identity)
        {
            var claims = identity.Claims.Select(c => new Claim(c.Type, c.Value, c.ValueType));
            context.Principal = new(new ClaimsIdentity(claims, identity.AuthenticationType, identity.NameClaimType, identity.RoleClaimType));
            if (TokenOf(context.Request) is { } token && context.Properties.ExpiresUtc is { } expiresAt) tokens.Remember(token, context.Principal, expiresAt);
        }
        return Task.CompletedTask;
    }

    private Task TakeToken(MessageReceivedContext context)
    {
        context.Token = TokenOf(context.Request);
        if (context.Token is { } token) tokens.Recognise(context, token);
        return Task.CompletedTask;
    }

    private static string? TokenOf(HttpRequest request)
    {
        var path = request.Path;
        // A browser cannot set headers on a WebSocket or an EventSource. Nowhere else: addresses end up in logs.
        var mayCarryToken =
            path.StartsWithSegments(CollabPaths.Hub, StringComparison.OrdinalIgnoreCase) || (path.StartsWithSegments("/api/runs", StringComparison.OrdinalIgnoreCase)
                && path.Value!.EndsWith("/stream", StringComparison.OrdinalIgnoreCase));
        if (mayCarryToken && request.Query["access_token"] is [{ Length: > 0 } fromQuery]) return fromQuery;
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? header[BearerPrefix.Length..].Trim() : null;
    }
}
