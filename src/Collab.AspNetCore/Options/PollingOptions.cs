using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Polling</c>.</summary>
public sealed class PollingOptions
{
    /// <summary>
    /// How often clients poll, in milliseconds, 100–60000. Default: 2000. A user counts as present for three intervals after a poll.
    /// Clients are not told: they have an option of their own.
    /// </summary>
    [Range(100, 60_000)]
    public int IntervalMs { get; set; } = 2000;
}
