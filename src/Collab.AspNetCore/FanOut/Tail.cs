using System.Numerics;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// The kept events of one run, newest last, without a gap. The older ones may have been let go, to be read again when they are asked for.
/// Not synchronised: the feed's lock guards it.
/// </summary>
internal sealed class Tail(int capacity)
{
    /// <summary>About what an event takes in memory beside its JSON, in bytes.</summary>
    private const int Overhead = 160;

    private const int LeastRoom = 16;

    // A ring: the oldest event in memory lies at _start. Its size is a power of two.
    private LoggedEvent?[] _ring = [];
    private int _start;
    private int _count;

    /// <summary>The newest event's number; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>The oldest kept event's number, in memory or not; 0 if none is kept.</summary>
    public long Oldest { get; private set; }

    /// <summary>What the events weigh in memory, in bytes.</summary>
    public long Bytes { get; private set; }

    private long HeldFrom => Last - _count + 1;

    /// <summary>Appends the next event; the oldest goes if there are too many.</summary>
    public void Add(LoggedEvent e)
    {
        System.Diagnostics.Debug.Assert(_count == 0 || e.Sequence == Last + 1, "A tail has no gaps.");
        if (_count == _ring.Length) MakeRoom(_count + 1);
        _ring[Place(_count++)] = e;
        Last = e.Sequence;
        Bytes += e.Json.Length + Overhead;
        if (Oldest == 0) Oldest = Last;
        if (Last - Oldest < capacity) return;
        Oldest++;
        if (At(0).Sequence < Oldest) DropOldest();
    }

    /// <summary>Whether all kept events after a position are in memory.</summary>
    public bool Holds(long after) => Math.Max(after + 1, Oldest) >= HeldFrom;

    /// <summary>The kept events after a position that are in memory, ascending.</summary>
    public LoggedEvent[] After(long sequence)
    {
        var count = (int)Math.Min(_count, Math.Max(0, Last - sequence));
        return Copy(_count - count, count);
    }

    /// <summary>
    /// The first of the kept events after a position that are in memory, ascending: about <paramref name="maxBytes"/> of them, none after
    /// <paramref name="upTo"/>, and one at least if there is one.
    /// </summary>
    public LoggedEvent[] After(long sequence, long upTo, long maxBytes)
    {
        if (sequence >= Last) return [];
        var from = (int)Math.Clamp(sequence + 1 - HeldFrom, 0, _count);
        var most = (int)Math.Clamp(Math.Min(upTo, Last) - HeldFrom + 1 - from, 0, _count - from);
        var count = 0;
        for (var bytes = 0L; count < most; count++)
        {
            bytes += At(from + count).Json.Length;
            if (bytes > maxBytes && count > 0) break;
        }
        return Copy(from, count);
    }

    /// <summary>Lets go of the events; they are still in the store.</summary>
    public void LetGo() => (_ring, _start, _count, Bytes) = ([], 0, 0, 0);

    /// <summary>Takes back what was let go. What the store has no more is no longer kept.</summary>
    public void TakeBack(IReadOnlyCollection<LoggedEvent> stored)
    {
        var newer = Copy(0, _count);
        var from = HeldFrom;
        var older = stored.Where(e => e.Sequence < from).ToList();
        // Something is missing between the two: the next question goes to the store.
        if (stored.Count == 0 || (older.Count > 0 && older[^1].Sequence != from - 1)) return;
        LoggedEvent[] all = [.. older.Where(e => e.Sequence >= Oldest), .. newer];
        LetGo();
        MakeRoom(all.Length);
        all.CopyTo(_ring, 0);
        _count = all.Length;
        Oldest = HeldFrom;
        Bytes = all.Sum(e => (long)e.Json.Length + Overhead);
    }

    private LoggedEvent At(int index) => _ring[Place(index)]!;

    private int Place(int index) => (_start + index) & (_ring.Length - 1);

    private void DropOldest()
    {
        Bytes -= At(0).Json.Length + Overhead;
        _ring[_start] = null;
        _start = Place(1);
        _count--;
    }

    private void MakeRoom(int count)
    {
        var larger = new LoggedEvent?[Math.Max(LeastRoom, (int)BitOperations.RoundUpToPowerOf2((uint)count))];
        CopyTo(larger, 0, _count);
        (_ring, _start) = (larger, 0);
    }

    private LoggedEvent[] Copy(int from, int count)
    {
        if (count == 0) return [];
        var copy = new LoggedEvent[count];
        CopyTo(copy, from, count);
        return copy;
    }

    private void CopyTo(LoggedEvent?[] target, int from, int count)
    {
        if (count == 0) return;
        var place = Place(from);
        var first = Math.Min(count, _ring.Length - place);
        Array.Copy(_ring, place, target, 0, first);
        Array.Copy(_ring, 0, target, first, count - first);
    }
}
