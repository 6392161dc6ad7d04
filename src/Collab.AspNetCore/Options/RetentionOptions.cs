using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>The newest events of a run that are kept, 1–100000; older ones live on in the run's state. Default: 1000.</summary>
    [Range(1, 100_000)]
    public int EventsPerRun { get; set; } = 1000;
}
