using System.Globalization;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// One connection, stream or poll that waits, and what is counted of it. The connection's own code holds this object, so that counting is
/// an addition and never a look-up; nothing here locks. What changes rarely (who it is, its runs, its end) is written by
/// <see cref="ConnectionMonitor"/> alone.
/// </summary>
internal sealed class ConnectionRecord(ConnectionMonitor monitor, string sessionId, string? clientId, ConnectionKind kind, long connectedAt)
{
    private long _received;
    private long _failed;
    private long _sent;
    private long _givenUp;
    private long _roundTrips;
    private long _roundTripMicroseconds;
    private long _longestMicroseconds;
    private long _lastActivity = connectedAt;
    private long _disconnectedAt;
    private volatile Guid[] _runs = [];
    private volatile int _reconnections;
    private Ending? _ending;

    public string SessionId { get; } = sessionId;

    /// <summary>What the client calls itself; null if it does not say, or says something that cannot be.</summary>
    public string? ClientId { get; } = clientId;

    /// <summary>By what the steps of its client are found.</summary>
    public string TraceId => ClientId ?? SessionId;

    public ConnectionKind Kind { get; } = kind;

    /// <summary>A connection to the hub, by any transport.</summary>
    public bool IsHub => Kind is ConnectionKind.WebSocket or ConnectionKind.Sse or ConnectionKind.LongPolling;

    /// <summary>How often the client says that it has come back; null if it does not say.</summary>
    public int? Returns { get; set; }

    public string UserId { get; set; } = "";

    /// <summary>What it may do with which run.</summary>
    public KeptRights? Rights { get; set; }

    /// <summary>When its token ends, as the newest one says; null: it has no end.</summary>
    public Func<DateTimeOffset?>? ExpiresAt { get; set; }

    /// <summary>Up to which number its client has applied a run; null: it has not said.</summary>
    public Func<Guid, long?>? SeenIn { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long ConnectedAt { get; } = connectedAt;

    /// <summary>Unix milliseconds; null while it is connected.</summary>
    public long? DisconnectedAt
    {
        get => Volatile.Read(ref _disconnectedAt) is not 0 and var at ? at : null;
        set => Volatile.Write(ref _disconnectedAt, value ?? 0);
    }

    /// <summary>When it ended, by the monotonic clock: how long ago that is does not depend on the time of day.</summary>
    public long EndedAt { get; set; }

    /// <summary>Why the server ended it; null if it did not.</summary>
    public Ending? Ending => Volatile.Read(ref _ending);

    /// <summary>
    /// Ends what stands behind this record. Called once, after <see cref="Ending"/> is set; must not wait for the client.
    /// </summary>
    public Action? WhenEnded { get; set; }

    /// <summary>How often its client has come back.</summary>
    public int Reconnections
    {
        get => _reconnections;
        set => _reconnections = value;
    }

    /// <summary>By this connection its client came back.</summary>
    public bool IsReturn { get; set; }

    /// <summary>The runs it is in, the one joined last at the end. Replaced at every change.</summary>
    public Guid[] Runs
    {
        get => _runs;
        set => _runs = value;
    }

    public double? AverageLatencyMs =>
        Volatile.Read(ref _roundTrips) is > 0 and var count ? Volatile.Read(ref _roundTripMicroseconds) / 1000.0 / count : null;

    public double DeliveryRate => Traffic.RateOf(Volatile.Read(ref _sent), Volatile.Read(ref _givenUp));

    public double Quality => ConnectionQuality.Score(AverageLatencyMs, Reconnections, DeliveryRate);

    /// <summary>
    /// The server ends the connection, for a reason that the client, the log, the metric and the admin API tell alike. The first reason
    /// counts.
    /// </summary>
    public void End(Ending ending)
    {
        if (Interlocked.CompareExchange(ref _ending, ending, null) is not null) return;
        monitor.Ending(this, ending);
        WhenEnded?.Invoke();
    }

    /// <summary>What is new for the connection is let in.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>: the server drains or stops.</exception>
    public void DemandEntrance() => monitor.Entrance.Demand();

    /// <summary>The client called the hub.</summary>
    public void Called() => Volatile.Write(ref _lastActivity, monitor.Now);

    /// <summary>The client publishes, or moves its cursor.</summary>
    public void Received(int events = 1) => monitor.Traffic.CountMessages(monitor.Traffic.In, ref _received, events);

    /// <summary>What the client published was refused.</summary>
    public void RefusedPublish(CollabErrorCode code)
    {
        Interlocked.Increment(ref _failed);
        monitor.Traffic.RefusedPublish(code);
    }

    /// <summary>Something else that the client asked for was refused.</summary>
    public void Refused() => monitor.Traffic.Refusals.Add();

    /// <summary>Events were handed to the connection.</summary>
    public void Sent(int events) => monitor.Traffic.CountMessages(monitor.Traffic.Out, ref _sent, events);

    /// <summary>The connection is cut off because it reads too slowly, and will not get these events.</summary>
    public void GaveUp(int events)
    {
        Interlocked.Add(ref _givenUp, events);
        monitor.Traffic.GivenUp.Add(events);
        monitor.Metrics.SlowClientCutOff();
    }

    /// <summary>The client reports a round trip, in milliseconds.</summary>
    public void RoundTrip(double milliseconds)
    {
        var microseconds = (long)(milliseconds * 1000);
        Interlocked.Add(ref _roundTripMicroseconds, microseconds);
        Interlocked.Increment(ref _roundTrips);
        long longest;
        while ((longest = Volatile.Read(ref _longestMicroseconds)) < microseconds)
        {
            if (Interlocked.CompareExchange(ref _longestMicroseconds, microseconds, longest) == longest) break;
        }
        monitor.Metrics.RoundTrip(milliseconds);
    }

    /// <summary>The client has joined a run, and has events up to a position.</summary>
    public void Joined(Guid runId, long after, int events)
    {
        monitor.Joined(this, runId, after);
        Sent(events);
    }

    public void Left(Guid runId) => monitor.Left(this, runId);

    /// <summary>Nothing of the connection is left.</summary>
    /// <param name="inOrder">Whether the client said goodbye.</param>
    public void Gone(bool inOrder)
    {
        // What the server itself did is told already.
        if (Ending is not null) return;
        var silent = Math.Max(0, monitor.Now - Volatile.Read(ref _lastActivity)) / 1000;
        monitor.Flights.Explain(this, inOrder
            ? "The client closed the connection."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The connection broke off without a goodbye; the client had last called {silent} s before."));
    }

    public ConnectionMetrics ToMetrics()
    {
        var runs = Runs;
        var quality = Quality;
        return new(
            SessionId, UserId, runs.Length > 0 ? runs[^1] : null, runs, ConnectedAt, DisconnectedAt, Reconnections,
            Volatile.Read(ref _sent), Volatile.Read(ref _received), Volatile.Read(ref _failed) + Volatile.Read(ref _givenUp),
            AverageLatencyMs, Volatile.Read(ref _roundTrips) > 0 ? Volatile.Read(ref _longestMicroseconds) / 1000.0 : null,
            DeliveryRate, quality, ConnectionQuality.StatusOf(quality), Volatile.Read(ref _lastActivity), Kind, Ending?.Code.ToWire(),
            TraceId: TraceId);
    }
}
