using System.Runtime.InteropServices;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// A count that many threads add to at once: exact, and each core has a cache line of its own, so that none waits for another.
/// </summary>
internal sealed class Tally
{
    private readonly Cell[] _cells = new Cell[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)];

    /// <summary>The sum so far; it never goes down from one reading to the next.</summary>
    public long Value
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < _cells.Length; i++) sum += Volatile.Read(ref _cells[i].Count);
            return sum;
        }
    }

    public void Add(long count = 1) => Interlocked.Add(ref _cells[Thread.GetCurrentProcessorId() & (_cells.Length - 1)].Count, count);

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(64)]
        public long Count;
    }
}
