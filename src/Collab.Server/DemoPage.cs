using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Collab.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Collab.Server;

/// <summary>The web page: its files, each at an address of its own, and one document for all places one can be at.</summary>
internal static class DemoPage
{
    private const string Document = "index.html";

    /// <summary>In the document this stands for the nonce of one answer.</summary>
    private const string NoncePlaceholder = "CSP_NONCE";

    /// <summary>In the document this is where the page lies, to which its files and the server's addresses are relative.</summary>
    private const string BasePlaceholder = "<base href=\"/\">";

    /// <summary>The places that the page itself finds its way to.</summary>
    private static readonly string[] Places = ["/", "/runs/{runId}", "/admin"];

    /// <summary>Places for those who build on the components; elsewhere there is nothing at them.</summary>
    private static readonly string[] DevelopmentPlaces = ["/components"];

    /// <summary>Below these programs ask, also where a person opens the address: they get the API's own refusal.</summary>
    private static readonly string[] NoPlaces = ["/api", "/hubs", "/health", "/metrics", "/openapi", "/dev"];

    public static void MapDemoPage(this WebApplication app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "page");
        // Without Node there was nobody to build the page: then a document that says so.
        if (!File.Exists(Path.Combine(folder, Document))) folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!File.Exists(Path.Combine(folder, Document))) return;

        var page = app.MapGroup("").AllowAnonymous().ExcludeFromDescription().LimitPageFiles();
        var document = File.ReadAllText(Path.Combine(folder, Document));
        // Not a fallback route: that would also answer where the path is known and the method is not.
        app.Use((http, next) => http.GetEndpoint() is null && IsVisit(http.Request) ? SendNotFoundAsync(http, document) : next(http));
        foreach (var place in app.Environment.IsDevelopment() ? [.. Places, .. DevelopmentPlaces] : Places)
            page.MapMethods(place, [HttpMethods.Get, HttpMethods.Head], http => SendDocumentAsync(http, document));
        foreach (var asset in PageAsset.In(folder)) page.MapMethods(asset.Path, [HttpMethods.Get, HttpMethods.Head], asset.Send);
    }

    /// <summary>A person has opened an address in a browser.</summary>
    private static bool IsVisit(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase))
        && !NoPlaces.Any(place => request.Path.StartsWithSegments(place, StringComparison.OrdinalIgnoreCase));

    /// <summary>The page says by itself that there is nothing at this address.</summary>
    private static Task SendNotFoundAsync(HttpContext http, string document)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return SendDocumentAsync(http, document);
    }

    /// <summary>
    /// From the address that was asked for back to where the page lies. Relative, so that it holds below any path that a proxy has put in
    /// front, whether the proxy says so or not.
    /// </summary>
    private static string BaseOf(HttpRequest request)
    {
        var depth = (request.Path.Value ?? "").Count(c => c is '/') - 1;
        if (depth > 0) return string.Concat(Enumerable.Repeat("../", depth));
        // Without its last slash, where the page lies looks like a file beside others.
        return depth is 0 ? "./" : $"{request.PathBase.Value?.Split('/')[^1]}/";
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
        var answer = document
            .Replace(NoncePlaceholder, nonce, StringComparison.Ordinal)
            .Replace(BasePlaceholder, $"<base href=\"{HtmlEncoder.Default.Encode(BaseOf(http.Request))}\">", StringComparison.Ordinal);
        return TypedResults.Content(answer, "text/html; charset=utf-8", statusCode: http.Response.StatusCode).ExecuteAsync(http);
    }
}
