using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.Protocol;

namespace Collab.AspNetCore.Cluster;

/// <summary>What this server says of itself.</summary>
internal sealed class OwnVitals(ConnectionMonitor monitor, Feeds feeds, TimeProvider time) : IDrainSink
{
    private static readonly string Version = typeof(OwnVitals).Assembly.GetName().Version?.ToString(3) ?? "0";

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private volatile DrainState _state;

    /// <summary>What people call it: its machine and process.</summary>
    public string Name { get; } = Vitals.Legible($"{Environment.MachineName}:{Environment.ProcessId}");

    public Vitals Now()
    {
        var traffic = monitor.Traffic;
        return new(Name, Version, _startedAt, monitor.OpenCount, feeds.Live.Count())
        {
            State = _state,
            Messages = traffic.In.Value,
            Errors = traffic.Failures + traffic.Refusals.Value,
        };
    }

    void IDrainSink.DrainChanged(DrainState state) => _state = state;
}
