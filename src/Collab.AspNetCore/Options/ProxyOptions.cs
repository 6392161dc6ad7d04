namespace Collab.AspNetCore;

/// <summary>
/// Section <c>Collab:Proxies</c>: what stands between browsers and Collab's server. An application of your own calls
/// <c>UseForwardedHeaders</c> itself.
/// </summary>
public sealed class ProxyOptions
{
    /// <summary>
    /// Addresses or networks (<c>10.0.0.0/8</c>) of the proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and
    /// <c>-Prefix</c> are believed. Default: none.
    /// </summary>
    public List<string> Trusted { get; } = [];

    /// <summary>
    /// The path under which everything is served, such as <c>/collab</c>, if the proxy leaves it in the address. Default: none.
    /// </summary>
    public string? PathBase { get; set; }
}
