using System.Net;
using Collab.AspNetCore;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Collab.Server;

/// <summary>
/// Believes the proxies in <c>Collab:Proxies:Trusted</c> about who called, by which scheme, host and path: what is compared with an origin,
/// told in answers and logged is then what browsers see. Nobody else is believed.
/// </summary>
internal static class Proxies
{
    /// <summary>To be called first: everything after it sees the request as the browser sent it.</summary>
    public static void UseProxies(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<IOptions<CollabOptions>>().Value.Proxies;
        if (proxies.Trusted.Count > 0) app.UseForwardedHeaders(Options(proxies.Trusted));
        if (proxies.PathBase is { } path) app.UsePathBase(path);
        // After the path was shortened; by itself the application would do it before.
        app.UseRouting();
    }

    private static ForwardedHeadersOptions Options(IEnumerable<string> trusted)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix,
            // As many as there are trusted ones in a row.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var one in trusted)
        {
            if (IPAddress.TryParse(one, out var address)) options.KnownProxies.Add(address);
            else options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(one));
        }
        return options;
    }
}
