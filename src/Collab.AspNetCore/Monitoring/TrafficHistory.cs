using Collab.Protocol;
using Microsoft.Extensions.Hosting;

namespace Collab.AspNetCore.Monitoring;

/// <summary>Takes a sample of this server every ten seconds, and keeps those of the last 15 minutes.</summary>
internal sealed class TrafficHistory : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>So many are kept; the oldest goes first.</summary>
    public const int Capacity = 90;

    private readonly ConnectionMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<HistorySample> _samples = new(Capacity);
    private Counts _before;
    private long _lastAt;

    public TrafficHistory(ConnectionMonitor monitor, TimeProvider time) => (_monitor, _time, _before) = (monitor, time, Count(monitor));

    /// <summary>What is kept, the oldest first.</summary>
    public ConnectionHistory Kept
    {
        get { lock (_gate) return new(_monitor.Now, (int)Interval.TotalMilliseconds, [.. _samples]); }
    }

    /// <summary>Takes a sample now.</summary>
    internal void Take()
    {
        var now = Count(_monitor);
        var latencies = new List<double>();
        var streams = 0;
        foreach (var record in _monitor.Open)
        {
            if (!record.IsHub) streams++;
            else if (record.AverageLatencyMs is { } latency) latencies.Add(latency);
        }
        latencies.Sort();
        lock (_gate)
        {
            // A tick that is a little late or early must not fall into its neighbour's moment.
            var at = Math.Max(_monitor.Now / IntervalMs * IntervalMs, _lastAt + IntervalMs);
            var sample = new HistorySample(
                at, _monitor.OpenCount, streams, now.In - _before.In, now.Out - _before.Out,
                now.Polls - _before.Polls, now.Errors - _before.Errors, Percentile(latencies, 50), Percentile(latencies, 95),
                now.Since(_before));
            (_before, _lastAt) = (now, at);
            if (_samples.Count == Capacity) _samples.Dequeue();
            _samples.Enqueue(sample);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Take();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is kept ends with the process.
        }
    }

    private static long IntervalMs => (long)Interval.TotalMilliseconds;

    /// <summary>The smallest value that so many percent do not exceed (nearest rank), as the page counts it.</summary>
    private static double? Percentile(List<double> sorted, int percent) =>
        sorted.Count == 0 ? null : sorted[Math.Max(0, (int)Math.Ceiling(percent / 100.0 * sorted.Count) - 1)];

    private static Counts Count(ConnectionMonitor monitor)
    {
        var traffic = monitor.Traffic;
        return new(
            traffic.In.Value, traffic.Out.Value, traffic.Polls.Value, traffic.Failures + traffic.Refusals.Value,
            Enum.GetValues<EndingCode>().ToDictionary(code => code, monitor.Metrics.DisconnectedSoFar));
    }

    /// <summary>What has happened since the server's start.</summary>
    private sealed record Counts(long In, long Out, long Polls, long Errors, Dictionary<EndingCode, long> Endings)
    {
        public Dictionary<string, long> Since(Counts before) => Endings
            .Select(e => (Code: e.Key.ToWire(), Count: e.Value - before.Endings[e.Key]))
            .Where(e => e.Count > 0).ToDictionary(e => e.Code, e => e.Count, StringComparer.Ordinal);
    }
}
