using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Collab.AspNetCore.Http;

/// <summary>
/// A text that others have chosen, a user id say, as a part of an address. Servers take every escape out of a path but that of the slash:
/// <c>a/b</c> arrives as <c>a%2Fb</c>, and so does the text that is spelt like that. Only the address as it was sent tells them apart.
/// </summary>
internal static class AddressText
{
    /// <summary>The text that a parameter of a route stands for.</summary>
    /// <param name="http">The request.</param>
    /// <param name="routed">What routing has made of it.</param>
    /// <param name="segmentsAfter">How many segments the route has behind it.</param>
    public static string Of(HttpContext http, string routed, int segmentsAfter = 0)
    {
        if (!routed.Contains('%', StringComparison.Ordinal)) return routed;
        var sent = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var segments = sent.Split('?')[0].Split('/');
        var end = segments.Length - segmentsAfter;
        // What it has of slashes that were not escaped, the address has too.
        var start = end - 1 - routed.Count(c => c == '/');
        return start > 0 ? Uri.UnescapeDataString(string.Join('/', segments[start..end])) : routed;
    }
}
