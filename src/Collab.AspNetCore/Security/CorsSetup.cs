using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Security;

/// <summary>The CORS policy of our endpoints: the configured origins and nobody else.</summary>
internal sealed class CorsSetup(IOptions<CollabOptions> options) : IConfigureOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>
{
    public const string Policy = "Collab";

    public void Configure(Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions cors) =>
        cors.AddPolicy(Policy, policy => policy
            .WithOrigins(options.Value.Cors.NormalisedOrigins())
            .AllowAnyHeader().AllowAnyMethod().AllowCredentials()
            .WithExposedHeaders("Retry-After", "X-Total-Count", "X-Servers", "X-Missing", "X-Cut"));
}
