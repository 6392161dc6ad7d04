namespace Collab.Histories.Running;

/// <summary>What an installation has that others have not.</summary>
[Flags]
internal enum Extras
{
    None = 0,

    /// <summary>Its runs are erased now and then.</summary>
    Erases = 1,

    /// <summary>Its PostgreSQL has a replica, which a commit waits for.</summary>
    Replica = 2,

    /// <summary>Its store is on a small disk of its own. Only root can mount one.</summary>
    SmallDisk = 4,

    /// <summary>The clocks of its servers can be set (Debian: faketime).</summary>
    Clocks = 8,

    /// <summary>Its servers have a pool of four connections.</summary>
    SmallPool = 16,
}

/// <summary>What is started.</summary>
/// <param name="Kind">What it is called.</param>
/// <param name="Store"><c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Bus"><c>none</c>, <c>postgres</c> or <c>redis</c>.</param>
/// <param name="Servers">How many servers.</param>
/// <param name="Keep">How many events of a run are kept; 0: all.</param>
/// <param name="Application">
/// Whether the servers are an application that has Collab in it, with a handler, and another one uses the outbox.
/// </param>
/// <param name="Extra">What else it has.</param>
internal sealed record Layout(
    string Kind, string Store, string Bus, int Servers, int Keep = 0, bool Application = false, Extras Extra = Extras.None)
{
    /// <summary>Those of which a seed's remainder chooses one.</summary>
    public static IReadOnlyList<Layout> Usual { get; } =
    [
        new("sqlite-1", "sqlite", "none", 1),
        new("postgres-1", "postgres", "none", 1),
        new("notify-2", "postgres", "postgres", 2),
        new("redis-2", "postgres", "redis", 2),
        new("notify-3", "postgres", "postgres", 3),
        new("redis-3", "postgres", "redis", 3),
    ];

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<Layout> All { get; } =
    [
        .. Usual,
        new("trim-1", "postgres", "none", 1, Keep: 20),
        new("trim-2", "postgres", "postgres", 2, Keep: 20),
        new("apps-2", "postgres", "postgres", 2, Application: true),
        new("erase-1", "postgres", "none", 1, Extra: Extras.Erases),
        new("erase-2", "postgres", "postgres", 2, Extra: Extras.Erases),
        new("erase-redis-2", "postgres", "redis", 2, Extra: Extras.Erases),
        new("pool-2", "postgres", "postgres", 2, Extra: Extras.SmallPool),
        new("failover-2", "postgres", "postgres", 2, Extra: Extras.Replica),
        new("clocks-2", "postgres", "postgres", 2, Extra: Extras.Clocks),
        new("full-1", "sqlite", "none", 1, Extra: Extras.SmallDisk),
        new("full-2", "postgres", "postgres", 2, Extra: Extras.SmallDisk),
    ];

    public bool Has(Extras extra) => Extra.HasFlag(extra);
}
