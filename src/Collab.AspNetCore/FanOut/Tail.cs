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

    private Queue<LoggedEvent> _events = new();

    /// <summary>The newest event's number; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>The oldest kept event's number, in memory or not; 0 if none is kept.</summary>
    public long Oldest { get; private set; }

    /// <summary>What the events weigh in memory, in bytes.</summary>
    public long Bytes { get; private set; }

    private long HeldFrom => Last - _events.Count + 1;

    /// <summary>Appends the next event; the oldest goes if there are too many.</summary>
    public void Add(LoggedEvent e)
    {
        System.Diagnostics.Debug.Assert(_events.Count == 0 || e.Sequence == Last + 1, "A tail has no gaps.");
        _events.Enqueue(e);
        Last = e.Sequence;
        Bytes += e.Json.Length + Overhead;
        if (Oldest == 0) Oldest = Last;
        if (Last - Oldest < capacity) return;
        Oldest++;
        if (_events.Peek().Sequence < Oldest) Bytes -= _events.Dequeue().Json.Length + Overhead;
    }

    /// <summary>Whether all kept events after a position are in memory.</summary>
    public bool Holds(long after) => Math.Max(after + 1, Oldest) >= HeldFrom;

    /// <summary>The kept events after a position that are in memory, ascending.</summary>
    public LoggedEvent[] After(long sequence)
    {
        var count = (int)Math.Min(_events.Count, Math.Max(0, Last - sequence));
        if (count == 0) return [];
        return count == _events.Count ? [.. _events] : [.. _events.Skip(_events.Count - count)];
    }

    /// <summary>
    /// The first of the kept events after a position that are in memory, ascending: about <paramref name="maxBytes"/> of them, none after
    /// <paramref name="upTo"/>, and one at least if there is one.
    /// </summary>
    public LoggedEvent[] After(long sequence, long upTo, long maxBytes)
    {
        if (sequence >= Last) return [];
        var first = Math.Max(sequence + 1, HeldFrom);
        var taken = new List<LoggedEvent>();
        var bytes = 0L;
        foreach (var e in _events.Skip((int)Math.Min(_events.Count, first - HeldFrom)))
        {
            if (e.Sequence > upTo || (taken.Count > 0 && bytes + e.Json.Length > maxBytes)) break;
            taken.Add(e);
            bytes += e.Json.Length;
        }
        return [.. taken];
    }

    /// <summary>Lets go of the events; they are still in the store.</summary>
    public void LetGo() => (_events, Bytes) = (new(), 0);

    /// <summary>Takes back what was let go. What the store has no more is no longer kept.</summary>
    public void TakeBack(IReadOnlyCollection<LoggedEvent> stored)
    {
        var newer = _events;
        var from = HeldFrom;
        var older = stored.Where(e => e.Sequence < from).ToList();
        // Something is missing between the two: the caller will ask the store again.
        if (stored.Count == 0 || (older.Count > 0 && older[^1].Sequence != from - 1)) return;
        _events = new([.. older.Where(e => e.Sequence >= Oldest), .. newer]);
        Oldest = HeldFrom;
        Bytes = _events.Sum(e => (long)e.Json.Length + Overhead);
    }
}
