using System.Collections.Immutable;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>Measures one run's connection.</summary>
internal sealed class HealthMeter(ClientMetrics metrics)
{
    private const int Kept = 60;
    private const int MedianOf = 5;

    private long _received;
    private long _missing;
    private int _differences;

    /// <summary>The last 60 round trips, in milliseconds, oldest first.</summary>
    public ImmutableArray<double> Latencies { get; private set; } = [];

    public void RoundTrip(TimeSpan time)
    {
        metrics.RoundTrip(time);
        var older = Latencies.Length < Kept ? Latencies : Latencies.RemoveAt(0);
        Latencies = older.Add(time.TotalMilliseconds);
    }

    /// <summary>How often the live connection was made again.</summary>
    public int Reconnections { get; private set; }

    /// <param name="again">Whether the connection replaces a lost one.</param>
    public void Connected(bool again)
    {
        metrics.Connected(again);
        if (again) Reconnections++;
    }

    /// <summary>A critical event arrived as it should.</summary>
    public void Received() => _received++;

    /// <summary>Critical events that should have arrived and did not.</summary>
    public void Missed(long count)
    {
        metrics.Missed(count);
        _missing += count;
    }

    /// <summary>The state was not what the server says it comes to.</summary>
    public void FingerprintDiffered()
    {
        metrics.FingerprintDiffered();
        _differences++;
    }

    public RunHealth Health(bool isConnected)
    {
        var latency = Median(Latencies.AsSpan()[^Math.Min(MedianOf, Latencies.Length)..]);
        var rate = _missing == 0 ? 1 : (double)_received / (_received + _missing);
        var score = ConnectionQuality.Score(latency, Reconnections, rate);
        var status = ConnectionQuality.StatusOf(score);
        return new(latency, Reconnections, rate, score, status, isConnected && status == ConnectionStatus.Healthy)
        {
            FingerprintMismatches = _differences,
        };
    }

    /// <summary>One round trip that took long says little; the median of a few says how it is.</summary>
    private static double? Median(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return null;
        Span<double> sorted = stackalloc double[values.Length];
        values.CopyTo(sorted);
        sorted.Sort();
        return sorted[(sorted.Length - 1) / 2];
    }
}
