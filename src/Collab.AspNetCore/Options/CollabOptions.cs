namespace Collab.AspNetCore;

/// <summary>
/// Everything that can be configured, section <c>Collab</c>. Every key is checked at start and all errors are reported at once.
/// </summary>
public sealed class CollabOptions
{
    /// <summary>Where events are kept.</summary>
    public StoreOptions Store { get; } = new();

    /// <summary>How many events are kept.</summary>
    public RetentionOptions Retention { get; } = new();

    /// <summary>
    /// Event types beyond the built-in ones, by name (<c>A–Z</c>, <c>0–9</c>, <c>_</c>, at most 64): <c>Collab:Events:COMMENT=Critical</c>,
    /// <c>Collab:Events:TYPING=Ephemeral</c>.
    /// </summary>
    public Dictionary<string, EventTypeOptions> Events { get; } = new(StringComparer.Ordinal);

    /// <summary>What applications publish in transactions of their own.</summary>
    public OutboxOptions Outbox { get; } = new();

    /// <summary>How several servers hear of each other.</summary>
    public BusOptions Bus { get; } = new();

    /// <summary>What one client may do, and what the server takes on.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>How the server lets go of its connections before it ends.</summary>
    public DrainOptions Drain { get; } = new();

    /// <summary>How often clients are expected to poll.</summary>
    public PollingOptions Polling { get; } = new();

    /// <summary>Who signs tokens.</summary>
    public AuthOptions Auth { get; } = new();

    /// <summary>With which keys events are signed.</summary>
    public SigningOptions Signing { get; } = new();

    /// <summary>Which web origins may call.</summary>
    public CorsOptions Cors { get; } = new();

    /// <summary>What stands in front of the server.</summary>
    public ProxyOptions Proxies { get; } = new();

    /// <summary>Where metrics are read.</summary>
    public MetricsOptions Metrics { get; } = new();
}
