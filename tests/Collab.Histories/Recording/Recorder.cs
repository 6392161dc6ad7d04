using System.Diagnostics;

namespace Collab.Histories.Recording;

/// <summary>Takes down what happens, from any thread.</summary>
internal sealed class Recorder
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private int _id;

    /// <summary>Milliseconds since the begin.</summary>
    public double Now => Math.Round(Stopwatch.GetElapsedTime(_began).TotalMilliseconds, 3);

    public int NextId() => Interlocked.Increment(ref _id);

    public void Add(Entry entry)
    {
        lock (_gate) _entries.Add(entry);
    }

    public History Snapshot()
    {
        lock (_gate) return new([.. _entries]);
    }
}
