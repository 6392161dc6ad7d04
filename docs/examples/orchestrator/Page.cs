using Microsoft.Extensions.FileProviders;

namespace Orchestrator;

/// <summary>The demo page, as plain files: one document for all places one can be at, and what it loads.</summary>
internal static class Page
{
    public static void MapPage(this WebApplication app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "page");
        if (!File.Exists(Path.Combine(folder, "index.html")))
        {
            Console.WriteLine("The page is not built, for Node is not there. Any client of Collab can be used in its place.");
            return;
        }
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(folder) });
        foreach (var place in (string[])["/", "/runs/{runId}", "/admin"])
            app.MapGet(place, () => Results.File(Path.Combine(folder, "index.html"), "text/html; charset=utf-8"));
    }
}
