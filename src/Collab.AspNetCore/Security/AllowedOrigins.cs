using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Security;

/// <summary>
/// Whether a page of another site may have sent a request. CORS hinders such a page from reading answers, not from sending requests:
/// browsers send a form, a beacon or a WebSocket with the user's cookies to wherever a page says.
/// </summary>
internal sealed partial class AllowedOrigins(IOptions<CollabOptions> options, ILogger<AllowedOrigins> logger)
{
    /// <summary>Each refused origin is logged once, and not so many that they fill the log.</summary>
    private const int LoggedAtMost = 100;

    private readonly string[] _allowed = options.Value.Cors.NormalisedOrigins();
    private readonly ConcurrentDictionary<string, byte> _logged = new(StringComparer.Ordinal);

    public bool Allows(HttpRequest request)
    {
        // Browsers tell it themselves, and no script can change it: right behind any proxy. They leave it out where there is no TLS, and
        // Chromium at a WebSocket.
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site == "same-origin") return true;
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0) return site is not ("cross-site" or "same-site");
        if (IsOwn(origin, request.Host) || _allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)) return true;
        Log(origin, request.Host);
        return false;
    }

    /// <summary>
    /// By value, for proxies write hosts in their own way. Without a port it is the origin's scheme that says which one is meant: where TLS
    /// ends at a proxy, this server does not know that there is any.
    /// </summary>
    private static bool IsOwn(string origin, HostString host) =>
        host.HasValue
        && Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && WebOrigin.HostOf(uri).Equals(host.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? port == uri.Port : uri.IsDefaultPort);

    private void Log(string origin, HostString host)
    {
        if (origin.Length > 200) origin = origin[..200];
        if (_logged.Count < LoggedAtMost && _logged.TryAdd(origin, 0)) LogRefused(Printable(origin), Printable(host.Value ?? ""));
    }

    /// <summary>Origins and hosts are ASCII. What else a client sends could steer the terminal that shows the log.</summary>
    private static string Printable(string text) => new([.. text.Select(c => c is >= ' ' and <= '~' ? c : '?')]);

    [LoggerMessage(LogLevel.Warning,
        "A page of {Origin} was refused: that is neither this server, which the request calls {Host}, nor in Collab:Cors:Origins. "
        + "If it is this server's own page, the proxy in between must pass the Host header on. This is logged once for an origin.")]
    private partial void LogRefused(string origin, string host);
}
