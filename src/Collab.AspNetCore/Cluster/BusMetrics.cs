using Collab.AspNetCore.Monitoring;

namespace Collab.AspNetCore.Cluster;

/// <summary>What goes over the bus, counted.</summary>
internal sealed class BusMetrics
{
    private readonly Tally _published = new();
    private readonly Tally _received = new();
    private readonly Tally _dropped = new();
    private readonly Tally _rejected = new();
    private long _lagMs;

    public void Published() => _published.Add();

    public void Received() => _received.Add();

    /// <summary>A message had no room, on its way out or in, or the bus did not take it.</summary>
    public void Dropped() => _dropped.Add();

    /// <summary>A message was none of ours: forged, or nonsense.</summary>
    public void Rejected() => _rejected.Add();

    /// <summary>How long the newest message was under way, by the servers' clocks.</summary>
    public void Lag(long milliseconds) => Volatile.Write(ref _lagMs, Math.Max(0, milliseconds));

    public void Observe(CollabMetrics metrics, Func<bool> isConnected, Func<int> servers) => metrics.ObserveBus(
        () => _published.Value, () => _received.Value, () => _dropped.Value, () => _rejected.Value,
        () => Volatile.Read(ref _lagMs), isConnected, servers);
}
