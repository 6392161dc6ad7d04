namespace Collab.AspNetCore;

/// <summary>How a handler is run.</summary>
public sealed class HandlerOptions
{
    /// <summary>The event types of an <see cref="IRunHandler"/>. Default: none, for every critical type.</summary>
    public IList<string> EventTypes { get; } = [];

    /// <summary>
    /// Whether a handler that is registered for the first time leaves out what is there already. Default: false, it begins with the oldest
    /// kept event of each run.
    /// </summary>
    public bool OnlyNew { get; set; }

    /// <summary>How often an event is tried, 1 or more, before its run is set aside for the handler. Default: 6.</summary>
    public int Attempts { get; set; } = 6;

    /// <summary>
    /// How long to wait after the first failure; after each further one twice as long, give or take a quarter. Default: 200 ms.
    /// </summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait. Default: 30 s.</summary>
    public TimeSpan LongestDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many runs are handled at a time on this server, 1 or more. Default: 8.</summary>
    public int Parallelism { get; set; } = 8;
}
