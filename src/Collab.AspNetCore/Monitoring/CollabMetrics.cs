using System.Diagnostics.Metrics;
using Collab.Protocol;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// Every instrument of this server, in the meter <c>Collab</c>. Counts are kept whether or not there is a listener, and read when they are
/// asked for, so that each is there from the start; those of messages are <see cref="Traffic"/>'s. Histograms are recorded per batch or
/// less often. No label ever holds an id.
/// </summary>
internal sealed class CollabMetrics
{
    public const string MeterName = "Collab";

    private static readonly double[] LatencyMs = [5, 10, 25, 50, 100, 200, 350, 500, 750, 1000, 2000, 5000];
    private static readonly double[] AppendSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
    private static readonly int[] BatchSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    private readonly Meter _meter;
    private readonly Histogram<double> _roundTrip;
    private readonly Histogram<double> _appendLatency;
    private readonly Histogram<int> _batchSize;
    private readonly Dictionary<AppendFailure, Tally> _appendFailures;
    private readonly Dictionary<CollabErrorCode, Tally> _refusals;
    private readonly Tally _trimmed;
    private readonly Tally _replays;
    private readonly Tally _slowClients;
    private readonly Tally _heals;
    private readonly Tally _stateFailures;
    private readonly Dictionary<string, Tally> _handled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tally> _handlerFailures = new(StringComparer.Ordinal);
    private readonly Tally _outboxPublished;
    private readonly Tally _outboxFailed;
    private readonly Dictionary<EndingCode, Tally> _disconnects;

    public CollabMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _roundTrip = _meter.CreateHistogram(
            "orchestrator.websocket.message.latency", "ms", "Round trips that clients reported.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyMs });
        _appendLatency = _meter.CreateHistogram(
            "collab.append.latency", "s", "From the arrival of a batch's oldest event to its commit.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = AppendSeconds });
        _batchSize = _meter.CreateHistogram(
            "collab.append.batch.size", "{event}", "Events committed together.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = BatchSizes });
        _appendFailures = CountBy<AppendFailure>("reason", r => r.ToString().ToLowerInvariant(),
            "collab.append.failures", "{event}", "Critical events that could not be stored.");
        _refusals = CountBy<CollabErrorCode>(
            "code", c => c.ToWire(), "collab.publish.refusals", "{message}", "Publishes and cursor moves that were refused.");
        _trimmed = Count("collab.events.trimmed", "{event}", "Old events folded into their run's state and deleted.");
        _replays = Count("collab.replay.requests", "{request}", "Replay requests.");
        _slowClients = Count("collab.slow.client.disconnects", "{connection}",
            "Connections, streams and answers cut off because they were read too slowly.");
        _disconnects = CountBy<EndingCode>("reason", c => c.ToWire(), "collab.disconnects",
            "{connection}", "Connections, streams and waiting polls that the server ended.");
        _stateFailures = Count("collab.state.failures", "{failure}",
            "Times that a state which the application adds could not be folded, read or written, and stayed as it was.");
        _heals = Count("collab.feed.heals", "{gap}", "Gaps in a run's events that were filled from the store.");
        _outboxPublished = Count("collab.outbox.published", "{event}", "Events that this server has moved from the outbox into the log.");
        _outboxFailed = Count("collab.outbox.failed", "{event}", "Events of the outbox that cannot be published, and were set aside.");
    }

    public void RoundTrip(double milliseconds) => _roundTrip.Record(milliseconds);

    /// <summary>A batch was committed.</summary>
    public void Appended(int events, TimeSpan latency)
    {
        _appendLatency.Record(latency.TotalSeconds);
        _batchSize.Record(events);
    }

    public void AppendsFailed(AppendFailure reason, int events) => _appendFailures[reason].Add(events);

    public void PublishRefused(CollabErrorCode code) => _refusals[code].Add();

    public void Trimmed(int events) => _trimmed.Add(events);

    public void Replayed() => _replays.Add();

    public void SlowClientCutOff() => _slowClients.Add();

    /// <summary>The server ended a connection, a stream or a poll that waited.</summary>
    public void Disconnected(EndingCode reason) => _disconnects[reason].Add();

    /// <summary>How many the server has ended for that reason since its start.</summary>
    public long DisconnectedSoFar(EndingCode reason) => _disconnects[reason].Value;

    public void Healed() => _heals.Add();

    public void StateFailed() => _stateFailures.Add();

    public void OutboxPublished(int events) => _outboxPublished.Add(events);

    public void OutboxFailed(int events) => _outboxFailed.Add(events);

    /// <summary>Publishes the figures of the hub's connections.</summary>
    public void Observe(ConnectionMonitor monitor)
    {
        var traffic = monitor.Traffic;
        Read("connections", "{connection}", "Hub connections that were let in.", () => traffic.Connections.Value);
        Read("disconnections", "{connection}", "Hub connections that have ended.", () => traffic.Disconnections.Value);
        Read("reconnections", "{connection}", "Connections by which a client came back to a run.", () => traffic.Reconnections.Value);
        Read("messages.in", "{message}",
            "Publishes and cursor moves that arrived, by hub or HTTP, accepted or refused.", () => traffic.In.Value);
        Read("messages.out", "{message}", "Events handed to hub connections, one per event and connection.", () => traffic.Out.Value);
        Read("message.failures", "{message}", "Publishes that failed, and deliveries given up.", () => traffic.Failures);
        Read("fallback.http", "{request}", "Poll requests.", () => traffic.Polls.Value);
        _meter.CreateObservableCounter("collab.deliveries.given.up", () => traffic.GivenUp.Value,
            "{message}", "Events that a connection which was cut off did not get.");

        _meter.CreateObservableGauge(
            "orchestrator.websocket.active.connections", () => monitor.OpenCount, "{connection}", "Hub connections that are open.");
        _meter.CreateObservableGauge(
            "orchestrator.websocket.active.runs", () => monitor.CountByRun().Count, "{run}", "Runs that have a hub connection.");
        _meter.CreateObservableGauge("orchestrator.websocket.message.delivery.rate",
            () => traffic.DeliveryRate, null, "Events out / (out + given up) since the start, 0 to 1.");
        _meter.CreateObservableGauge("orchestrator.websocket.connection.quality",
            () => monitor.Health().AverageQualityScore, null, "Mean quality of the open connections, 0 to 100.");
        _meter.CreateObservableGauge("orchestrator.websocket.connections.by.health",
            () => ByHealth(monitor.Health()), "{connection}", "Hub connections that are open, by health.");

        void Read(string name, string unit, string description, Func<long> read) =>
            _meter.CreateObservableCounter($"orchestrator.websocket.{name}", read, unit, description);
    }

    /// <summary>Publishes how full the queue of appends is.</summary>
    public void ObserveQueue(Func<int> depth, int capacity)
    {
        _meter.CreateObservableGauge("collab.append.queue.depth", depth, "{event}", "Critical events that wait for their commit.");
        _meter.CreateObservableGauge(
            "collab.append.queue.capacity", () => capacity, "{event}", "How many may wait before publishes are refused as overloaded.");
    }

    public void Handled(string handler) => _handled[handler].Add();

    public void HandlerFailed(string handler) => _handlerFailures[handler].Add();

    /// <summary>Publishes how the application's handlers stand; their names are the label.</summary>
    public void ObserveHandlers(IReadOnlyList<string> names, Func<IEnumerable<(string Name, long Lag, int Parked)>> standings)
    {
        foreach (var name in names) (_handled[name], _handlerFailures[name]) = (new(), new());
        _meter.CreateObservableCounter("collab.handler.events", () => ByHandler(_handled), "{event}", "Events that a handler has handled.");
        _meter.CreateObservableCounter(
            "collab.handler.failures", () => ByHandler(_handlerFailures), "{event}", "Attempts of a handler that failed.");
        _meter.CreateObservableGauge(
            "collab.handler.lag", () => standings().Select(s => new Measurement<long>(s.Lag, HandlerTag(s.Name))), "{event}",
            "Events that are committed and not handled, in all runs of the store.");
        _meter.CreateObservableGauge(
            "collab.handler.parked.runs", () => standings().Select(s => new Measurement<int>(s.Parked, HandlerTag(s.Name))), "{run}",
            "Runs of the store that a handler has given up.");

        static IEnumerable<Measurement<long>> ByHandler(Dictionary<string, Tally> tallies) =>
            tallies.Select(t => new Measurement<long>(t.Value.Value, HandlerTag(t.Key)));
        static KeyValuePair<string, object?> HandlerTag(string name) => new("handler", name);
    }

    /// <summary>Publishes how much is in the outbox.</summary>
    public void ObserveOutbox(Func<OutboxFigures> figures)
    {
        _meter.CreateObservableGauge(
            "collab.outbox.depth", () => figures().Depth, "{event}", "Events in the outbox that are not in the log yet.");
        _meter.CreateObservableGauge(
            "collab.outbox.oldest.age", () => figures().OldestAge, "s", "How long the first of them has waited; 0 if none waits.");
        _meter.CreateObservableGauge(
            "collab.outbox.set.aside", () => figures().SetAside, "{event}",
            "Events in the outbox that cannot be published, until an administrator sends them again or drops them.");
    }

    /// <summary>Publishes whether the server is on its way out.</summary>
    public void ObserveDrain(Func<bool> isDraining) => _meter.CreateObservableGauge(
        "collab.draining", () => isDraining() ? 1 : 0, null, "1 while the server sends its connections elsewhere, else 0.");

    /// <summary>Publishes what goes over the bus between the servers.</summary>
    public void ObserveBus(
        Func<long> published, Func<long> received, Func<long> dropped, Func<long> rejected, Func<long> lagMs, Func<bool> isConnected,
        Func<int> servers)
    {
        _meter.CreateObservableCounter("collab.bus.published", published, "{message}", "Messages sent to other servers.");
        _meter.CreateObservableCounter("collab.bus.received", received, "{message}", "Messages that came over the bus, own ones too.");
        _meter.CreateObservableCounter(
            "collab.bus.dropped", dropped, "{message}",
            "Messages that had no room, or that the bus did not take. The store makes up for them.");
        _meter.CreateObservableCounter("collab.bus.rejected", rejected, "{message}", "Messages that were forged, or made no sense.");
        _meter.CreateObservableGauge(
            "collab.bus.lag", () => lagMs() / 1000.0, "s", "How long the newest events of another server were under way, by both clocks.");
        _meter.CreateObservableGauge("collab.bus.connected", () => isConnected() ? 1 : 0, null, "Whether the bus is there: 1 or 0.");
        _meter.CreateObservableGauge("collab.cluster.servers", servers, "{server}", "Servers that are there, this one too.");
    }

    private Tally Count(string name, string unit, string description)
    {
        var tally = new Tally();
        _meter.CreateObservableCounter(name, () => tally.Value, unit, description);
        return tally;
    }

    /// <summary>A count for each value of an enumeration, which bounds the label.</summary>
    private Dictionary<T, Tally> CountBy<T>(string label, Func<T, string> text, string name, string unit, string description)
        where T : struct, Enum
    {
        var tallies = Enum.GetValues<T>().ToDictionary(value => value, _ => new Tally());
        _meter.CreateObservableCounter(
            name, () => tallies.Select(t => new Measurement<long>(t.Value.Value, KeyValuePair.Create<string, object?>(label, text(t.Key)))),
            unit, description);
        return tallies;
    }

    private static Measurement<int>[] ByHealth(ConnectionsHealth health) =>
    [
        new(health.HealthyConnections, KeyValuePair.Create<string, object?>("status", "healthy")),
        new(health.DegradedConnections, KeyValuePair.Create<string, object?>("status", "degraded")),
        new(health.UnhealthyConnections, KeyValuePair.Create<string, object?>("status", "unhealthy")),
    ];
}
