using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>
    /// Whether messages are counted. Default: true. If false the administrators' API and the health endpoint count connections, failures
    /// and round trips alone, and Collab.Server has no <c>/metrics</c>.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// A port for <c>/metrics</c> alone, 1–65535, on the interface of the server's first address: nothing else is answered there, and
    /// <c>/metrics</c> nowhere else. Default: none, so <c>/metrics</c> is where everything is. For Collab.Server; an application maps its
    /// own endpoint where it likes.
    /// </summary>
    [Range(1, 65_535)]
    public int? Port { get; set; }
}
