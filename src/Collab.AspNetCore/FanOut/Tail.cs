using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.FanOut;

/// <summary>The kept events of one run, newest last, without a gap. Not synchronised: the feed's lock guards it.</summary>
internal sealed class Tail(int capacity)
{
    private readonly Queue<LoggedEvent> _events = new();

    /// <summary>The newest event's number; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>The oldest kept event's number; 0 if none is kept.</summary>
    public long Oldest => _events.TryPeek(out var oldest) ? oldest.Sequence : 0;

    /// <summary>What the events weigh, in bytes of JSON.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends the next event; the oldest goes if there are too many.</summary>
    public void Add(LoggedEvent e)
    {
        System.Diagnostics.Debug.Assert(_events.Count == 0 || e.Sequence == Last + 1, "A tail has no gaps.");
        _events.Enqueue(e);
        Last = e.Sequence;
        Bytes += e.Json.Length;
        if (_events.Count > capacity) Bytes -= _events.Dequeue().Json.Length;
    }

    /// <summary>The kept events after a position, ascending.</summary>
    public LoggedEvent[] After(long sequence)
    {
        var count = (int)Math.Min(_events.Count, Math.Max(0, Last - sequence));
        if (count == 0) return [];
        return count == _events.Count ? [.. _events] : [.. _events.Skip(_events.Count - count)];
    }
}
