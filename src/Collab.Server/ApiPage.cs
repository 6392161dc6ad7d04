using Collab.AspNetCore.Http;
using Scalar.AspNetCore;

namespace Collab.Server;

/// <summary>
/// <c>/api-docs</c>, in Development: the API to read and to try. All of it comes from this server, and nothing is sent to another one.
/// </summary>
internal static class ApiPage
{
    public static void MapApiPage(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment()) return;
        app.MapScalarApiReference("/api-docs", page =>
        {
            page.Title = "Collab API";
            page.DefaultFonts = false;
            page.Telemetry = false;
            page.HideDeveloperTools();
            page.DefaultHttpClient = new(ScalarTarget.Shell, ScalarClient.Curl);
            page.Agent = new() { Disabled = true };
            page.Mcp = new() { Disabled = true };
            page.Authentication = new() { PreferredSecuritySchemes = [ApiDocument.BearerScheme] };
        }).AllowAnonymous().LimitDocuments();
    }
}
