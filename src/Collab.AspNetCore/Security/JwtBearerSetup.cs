using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Collab.AspNetCore.Security;

/// <summary>
/// How tokens are checked: by the keys of an OIDC authority, by a symmetric key, or in development by a key of this machine's own.
/// </summary>
internal sealed class JwtBearerSetup(IOptions<CollabOptions> options, DevelopmentKey developmentKey, CheckedTokens tokens)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    private const string TokenParameter = "access_token";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public void Configure(JwtBearerOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, JwtBearerOptions jwt)
    {
        if (name != CollabBuilder.AuthenticationScheme) return;
        var auth = options.Value.Auth;
        var audience = auth.Audience is CollabOptionsRules.AnyAudience ? null : auth.Audience;
        jwt.TokenValidationParameters = new()
        {
            NameClaimType = "sub",
            RoleClaimType = "role",
            ClockSkew = ClockSkew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateAudience = audience is not null,
            ValidAudience = audience,
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
        jwt.TokenHandlers.Clear();
        jwt.TokenHandlers.Add(tokens);
        jwt.Events = new() { OnMessageReceived = TakeTokenInAddress };
    }

    private static Task TakeTokenInAddress(MessageReceivedContext context)
    {
        var mayBe = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<TokenInAddress>() is not null;
        if (mayBe && context.Request.Query[TokenParameter] is [{ Length: > 0 } token]) context.Token = token;
        return Task.CompletedTask;
    }
}
