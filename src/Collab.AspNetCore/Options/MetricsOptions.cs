using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>
    /// Whether messages are counted and metrics collected. Default: true. If false there is no <c>/metrics</c>, and the administrators' API and the health
    /// endpoint count connections and failures alone.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// A port for <c>/metrics</c> alone, 1–65535, on the interface of the server's first address: nothing else is answered there, and <c>/metrics</c> nowhere else.
    /// Default: none, so <c>/metrics</c> is where everything is. Only used with <see cref="CollabBuilder.UseOpenTelemetry"/>.
    /// </summary>
    [Range(1, 65_535)]
    public int? Port { get; set; }
}
