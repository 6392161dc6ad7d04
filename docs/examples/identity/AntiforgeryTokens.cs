using Microsoft.AspNetCore.Antiforgery;

namespace Members;

/// <summary>Shows that a request comes from the application's own page: a token that other sites cannot read.</summary>
internal static class AntiforgeryTokens
{
    public const string Header = "X-XSRF-TOKEN";

    /// <summary>Wants the token from whatever changes something, and gives it out at <c>/antiforgery</c>.</summary>
    public static RouteGroupBuilder RequireAntiforgeryToken(this RouteGroupBuilder app)
    {
        app.AddEndpointFilter(async (context, next) =>
        {
            var antiforgery = context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>();
            return await antiforgery.IsRequestValidAsync(context.HttpContext)
                ? await next(context)
                : Results.Problem($"The header {Header} must have the token of GET /antiforgery.", statusCode: 400);
        });
        app.MapGet("/antiforgery", (HttpContext http, IAntiforgery tokens) => new { Token = tokens.GetAndStoreTokens(http).RequestToken });
        return app;
    }
}
