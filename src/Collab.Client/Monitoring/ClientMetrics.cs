using System.Diagnostics.Metrics;

namespace Collab.Client;

/// <summary>What the client measures, on the meter <see cref="MeterName"/>. No id is ever a label.</summary>
internal sealed class ClientMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Collab.Client";

    private readonly Meter _meter;
    private readonly Counter<long> _connections;
    private readonly Counter<long> _reconnections;
    private readonly Counter<long> _failedAttempts;
    private readonly Counter<long> _polls;
    private readonly Counter<long> _received;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _mismatches;
    private readonly Counter<long> _publishes;
    private readonly UpDownCounter<long> _openRuns;
    private readonly UpDownCounter<long> _queued;
    private readonly Histogram<double> _roundTrip;

    public ClientMetrics(IMeterFactory? factory = null)
    {
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _connections = _meter.CreateCounter<long>(
            "collab.client.connections", "{connection}", "WebSocket connections that joined their run.");
        _reconnections = _meter.CreateCounter<long>(
            "collab.client.reconnections", "{connection}", "Those of them that replaced a lost one.");
        _failedAttempts = _meter.CreateCounter<long>(
            "collab.client.failed_attempts", "{attempt}", "Attempts to connect that failed, and connections that were lost.");
        _polls = _meter.CreateCounter<long>(
            "collab.client.polls", "{poll}", "Polls in the place of a WebSocket, by outcome: answered, failed.");
        _received = _meter.CreateCounter<long>("collab.client.events.received", "{event}", "Critical events taken in, each once.");
        _missed = _meter.CreateCounter<long>(
            "collab.client.events.missed", "{event}", "Critical events that had to be fetched because they did not come.");
        _mismatches = _meter.CreateCounter<long>(
            "collab.client.fingerprint_mismatches", "{mismatch}", "States that were not what the server says they come to.");
        _publishes = _meter.CreateCounter<long>(
            "collab.client.publishes",
            "{event}",
            "Answers to publishes, by outcome: acknowledged, repeated (refused for the moment), refused.");
        _openRuns = _meter.CreateUpDownCounter<long>("collab.client.runs.open", "{run}", "Run connections that are open.");
        _queued = _meter.CreateUpDownCounter<long>("collab.client.queued", "{event}", "Events that wait to be acknowledged.");
        _roundTrip = _meter.CreateHistogram<double>("collab.client.round_trip", "ms", "Round trips to the server.");
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    public void Connected(bool again)
    {
        _connections.Add(1);
        if (again) _reconnections.Add(1);
    }

    public void AttemptFailed() => _failedAttempts.Add(1);

    public void Polled(bool answered) => _polls.Add(1, Outcome(answered ? "answered" : "failed"));

    public void Received() => _received.Add(1);

    public void Missed(long count) => _missed.Add(count);

    public void FingerprintDiffered() => _mismatches.Add(1);

    public void Acknowledged() => _publishes.Add(1, Outcome("acknowledged"));

    public void Repeated() => _publishes.Add(1, Outcome("repeated"));

    public void Refused() => _publishes.Add(1, Outcome("refused"));

    public void Opened() => _openRuns.Add(1);

    public void Closed() => _openRuns.Add(-1);

    public void Queued(int more) => _queued.Add(more);

    public void RoundTrip(TimeSpan time) => _roundTrip.Record(time.TotalMilliseconds);

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("outcome", outcome);
}
