using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Everything that can be configured, section <c>Collab</c>. Every key is checked at start and all errors are reported at once.</summary>
public sealed class CollabOptions
{
    /// <summary>Where events are kept.</summary>
    public StoreOptions Store { get; } = new();

    /// <summary>How many events are kept.</summary>
    public RetentionOptions Retention { get; } = new();

    /// <summary>
    /// Event types beyond the built-in ones, by name (<c>A–Z</c>, <c>0–9</c>, <c>_</c>, at most 64):
    /// <c>Collab:Events:COMMENT=Critical</c>, <c>Collab:Events:TYPING=Ephemeral</c>.
    /// </summary>
    public Dictionary<string, EventKind> Events { get; } = new(StringComparer.Ordinal);

    /// <summary>What one client may do, and what the server takes on.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>How often clients are expected to poll.</summary>
    public PollingOptions Polling { get; } = new();

    /// <summary>Who signs tokens.</summary>
    public AuthOptions Auth { get; } = new();

    /// <summary>Which web origins may call.</summary>
    public CorsOptions Cors { get; } = new();

    /// <summary>Where metrics are read.</summary>
    public MetricsOptions Metrics { get; } = new();
}

/// <summary>Whether events of a type are stored.</summary>
public enum EventKind
{
    /// <summary>Matters only now: not stored, not numbered, dropped for a client that falls behind.</summary>
    Ephemeral,

    /// <summary>Stored, numbered, never lost.</summary>
    Critical,
}

/// <summary>The stores to choose from.</summary>
public enum StoreProvider
{
    /// <summary>A file on this machine, for one server.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, for any number of servers.</summary>
    Postgres,
}

/// <summary>Section <c>Collab:Store</c>.</summary>
public sealed class StoreOptions
{
    /// <summary>The store. Default: <see cref="StoreProvider.Postgres"/> if <c>ConnectionStrings:Collab</c> is set, else <see cref="StoreProvider.Sqlite"/>.</summary>
    public StoreProvider Provider { get; set; } = StoreProvider.Sqlite;

    /// <summary>The SQLite file; its folder is made if it is missing. Default: <c>data/collab.db</c>.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "must name a file")]
    public string Path { get; set; } = "data/collab.db";

    /// <summary>The PostgreSQL connection, from <c>ConnectionStrings:Collab</c>. Required for <see cref="StoreProvider.Postgres"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether the schema is brought up to date at start. Default: true. If false, run <c>Collab.Server migrate</c>.</summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>How long one statement may take before the store counts as unavailable, in milliseconds, 100–60000. Default: 3000.</summary>
    [Range(100, 60_000)]
    public int TimeoutMs { get; set; } = 3000;
}

/// <summary>Section <c>Collab:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>The newest events of a run that are kept, 1–100000; older ones live on in the run's state. Default: 1000.</summary>
    [Range(1, 100_000)]
    public int EventsPerRun { get; set; } = 1000;
}

/// <summary>Section <c>Collab:Limits</c>. 0 means: no limit, except where a range says otherwise.</summary>
public sealed class LimitOptions
{
    /// <summary>
    /// The largest <c>data</c> of an event, bytes of compact UTF-8 JSON with its numbers written out, 0–60000. Default: 16384. Past it:
    /// <c>payload_too_large</c>.
    /// </summary>
    [Range(0, 60_000)]
    public int EventBytes { get; set; } = 16_384;

    /// <summary>Publishes of one user, per second, on average. Default: 20. Past it: <c>rate_limited</c>.</summary>
    [Range(0, 1_000_000)]
    public int PublishPerSecond { get; set; } = 20;

    /// <summary>Publishes that one user may send at once after a pause. Default: 50. Only used with <see cref="PublishPerSecond"/>.</summary>
    [Range(0, 1_000_000)]
    public int PublishBurst { get; set; } = 50;

    /// <summary>Publishes of one user, per minute. Default: 600.</summary>
    [Range(0, 10_000_000)]
    public int PublishPerMinute { get; set; } = 600;

    /// <summary>Cursor moves of one user, per second. Default: 30.</summary>
    [Range(0, 1_000_000)]
    public int CursorPerSecond { get; set; } = 30;

    /// <summary>Hub connections and event streams of one user at a time, together. Default: 20. Past it: <c>rate_limited</c>.</summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerUser { get; set; } = 20;

    /// <summary>Runs that one connection may join. Default: 50.</summary>
    [Range(0, 1_000_000)]
    public int RunsPerConnection { get; set; } = 50;

    /// <summary>Events of this server that wait for their commit, 1–1000000. Default: 10000. Past it: <c>overloaded</c>.</summary>
    [Range(1, 1_000_000)]
    public int QueueLength { get; set; } = 10_000;

    /// <summary>How far a connection may lag behind a run, in bytes of events, 65536 to 1 GiB. Default: 4 MiB. Past it: it is cut off, and can come back and replay.</summary>
    [Range(65_536, 1_073_741_824)]
    public int SubscriberLagBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// How much memory the kept events of active runs may take together, in bytes, 1 MiB to 1 TiB. Default: 256 MiB. Past it the runs that were joined
    /// or polled longest ago are read from the store again when somebody asks for them. Each that somebody asked for counts 2 KiB more, even without events.
    /// </summary>
    [Range(1_048_576, 1_099_511_627_776d)]
    public long TailBytes { get; set; } = 256L * 1024 * 1024;
}

/// <summary>Section <c>Collab:Polling</c>.</summary>
public sealed class PollingOptions
{
    /// <summary>
    /// How often clients poll, in milliseconds, 100–60000. Default: 2000. A user counts as present for three intervals after a poll. Clients are not told: they
    /// have an option of their own.
    /// </summary>
    [Range(100, 60_000)]
    public int IntervalMs { get; set; } = 2000;
}

/// <summary>Section <c>Collab:Auth</c>. Set <see cref="Authority"/> or <see cref="SigningKey"/>.</summary>
public sealed class AuthOptions
{
    /// <summary>The OIDC issuer whose keys sign tokens, an https address (http only on loopback).</summary>
    public string? Authority { get; set; }

    /// <summary>What a token's <c>aud</c> must be. Default: not checked.</summary>
    public string? Audience { get; set; }

    /// <summary>A symmetric key for HS256, at least 32 bytes of UTF-8. A secret: keep it out of files that are shared.</summary>
    public string? SigningKey { get; set; }
}

/// <summary>Section <c>Collab:Cors</c>.</summary>
public sealed class CorsOptions
{
    /// <summary>Origins whose pages may call, such as <c>https://app.example.com</c>. Default: none, so only the server's own pages.</summary>
    public List<string> Origins { get; } = [];
}

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
