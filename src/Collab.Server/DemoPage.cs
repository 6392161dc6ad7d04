using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Collab.Server;

/// <summary>The web page: its files, each at an address of its own, and one document for all places one can be at.</summary>
internal static class DemoPage
{
    private const string Document = "index.html";

    /// <summary>In the document this stands for the nonce of one answer.</summary>
    private const string NoncePlaceholder = "CSP_NONCE";

    /// <summary>The places that the page itself finds its way to.</summary>
    private static readonly string[] Places = ["/", "/runs/{runId}", "/admin"];

    public static void MapDemoPage(this IEndpointRouteBuilder app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "page");
        // Without Node there was nobody to build the page: then a document that says so.
        if (!File.Exists(Path.Combine(folder, Document))) folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!File.Exists(Path.Combine(folder, Document))) return;

        var page = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        var document = File.ReadAllText(Path.Combine(folder, Document));
        foreach (var place in Places) page.MapMethods(place, [HttpMethods.Get, HttpMethods.Head], http => SendDocumentAsync(http, document));
        foreach (var asset in PageAsset.In(folder)) page.MapMethods(asset.Path, [HttpMethods.Get, HttpMethods.Head], asset.Send);
    }

    private static Task SendDocumentAsync(HttpContext http, string document)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; "
            + "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types angular";
        headers.XContentTypeOptions = "nosniff";
        headers[HeaderNames.CacheControl] = "no-cache";
        headers["Referrer-Policy"] = "same-origin";
        return TypedResults.Content(document.Replace(NoncePlaceholder, nonce, StringComparison.Ordinal), "text/html; charset=utf-8").ExecuteAsync(http);
    }
}
