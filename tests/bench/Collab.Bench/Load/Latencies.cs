using System.Diagnostics;

namespace Collab.Bench.Load;

/// <summary>Times from sending to receiving, collected by many connections.</summary>
internal sealed class Latencies
{
    private readonly Lock _gate = new();
    private readonly List<long> _ticks = [];

    public void Add(long ticks)
    {
        lock (_gate) _ticks.Add(ticks);
    }

    public void Clear()
    {
        lock (_gate) _ticks.Clear();
    }

    /// <summary>A quantile in milliseconds.</summary>
    public double Quantile(double q)
    {
        lock (_gate)
        {
            if (_ticks.Count == 0) return double.NaN;
            _ticks.Sort();
            return _ticks[(int)Math.Min(_ticks.Count - 1, q * _ticks.Count)] * 1000.0 / Stopwatch.Frequency;
        }
    }
}
