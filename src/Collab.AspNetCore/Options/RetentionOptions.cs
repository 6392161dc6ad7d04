using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>The newest events of a run that are kept, 1–100000; older ones live on in the run's state. Default: 1000.</summary>
    [Range(1, 100_000)]
    public int EventsPerRun { get; set; } = 1000;

    /// <summary>
    /// How many more events of a run are kept for a handler that has not come to them yet, 0–10000000. Default: 100000. Reads give the
    /// newest <see cref="EventsPerRun"/> all the same.
    /// </summary>
    [Range(0, 10_000_000)]
    public int HandlerSlack { get; set; } = 100_000;
}
