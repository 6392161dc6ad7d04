using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>
/// Section <c>Collab:Drain</c>: how the server lets go of its connections before it ends, so that they go to other servers. A host needs a
/// <see cref="Microsoft.Extensions.Hosting.HostOptions.ShutdownTimeout"/> of at least both times together and five seconds, to store what
/// is queued; its default, 30 seconds, is that for the defaults here. With less the drain is shorter, and the log says so at the start.
/// </summary>
public sealed class DrainOptions
{
    /// <summary>
    /// How long the server goes on as before after it has said that it is not ready, so that nothing new is sent to it, in seconds, 0–600.
    /// Default: 5; where there is no other server to go to, with SQLite and in Development, 0. Where nobody is connected it does not wait.
    /// </summary>
    [Range(0, 600)]
    public int? DelaySeconds { get; set; }

    /// <summary>
    /// Over how long a time the connections, streams and polls that wait are told to go, some every second, in seconds, 0–3600; 0: all at
    /// once. Default: 20; with SQLite and in Development 0.
    /// </summary>
    [Range(0, 3600)]
    public int? OverSeconds { get; set; }
}
