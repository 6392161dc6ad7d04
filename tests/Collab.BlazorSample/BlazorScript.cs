using System.Runtime.Loader;

namespace Collab.BlazorSample;

/// <summary>
/// <c>blazor.web.js</c>, from an assembly of an earlier .NET beside this one, whose resource it is. An application that restores from nuget.org needs nothing
/// of this: there the SDK brings the script.
/// </summary>
internal static class BlazorScript
{
    public static void MapBlazorScript(this IEndpointRouteBuilder app)
    {
        var script = Read();
        app.MapGet("/_framework/blazor.web.js", () => Results.Bytes(script, "text/javascript"));
    }

    private static byte[] Read()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "script", "Microsoft.AspNetCore.Components.Endpoints.dll");
        // Apart from the assembly of the same name that this application runs on.
        var apart = new AssemblyLoadContext(nameof(BlazorScript), isCollectible: true);
        var assembly = apart.LoadFromAssemblyPath(path);
        var name = assembly.GetManifestResourceNames().Single(name => name.EndsWith("blazor.web.js", StringComparison.Ordinal));
        using var script = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[script.Length];
        script.ReadExactly(bytes);
        apart.Unload();
        return bytes;
    }
}
