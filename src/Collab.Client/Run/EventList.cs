using Collab.Protocol;

namespace Collab.Client;

/// <summary>The newest critical events, ascending and without a hole, never more than a bound. What it has shown never changes.</summary>
internal sealed class EventList(int max)
{
    private CollaborationEvent[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>A view of what is there now; it costs no copy, for what is added later goes behind its end.</summary>
    public IReadOnlyList<CollaborationEvent> Shown => new ArraySegment<CollaborationEvent>(_buffer, _start, _end - _start);

    /// <summary>The number of the oldest; 0 while there is none.</summary>
    public long Oldest => _start == _end ? 0 : _buffer[_start].SequenceNumber!.Value;

    public void Add(CollaborationEvent e)
    {
        if (_end == _buffer.Length) MakeRoom();
        _buffer[_end++] = e;
        if (_end - _start > max) _start++;
    }

    public void Clear()
    {
        _buffer = [];
        _start = _end = 0;
    }

    /// <summary>At most so many of the events that come after a number.</summary>
    public IReadOnlyList<CollaborationEvent> After(long sequence, int count)
    {
        var first = _start + (int)Math.Clamp(sequence + 1 - Oldest, 0, _end - _start);
        return new ArraySegment<CollaborationEvent>(_buffer, first, Math.Min(count, _end - first));
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        var grown = new CollaborationEvent[Math.Max(16, Math.Min(kept * 2, max * 2))];
        Array.Copy(_buffer, _start, grown, 0, kept);
        (_buffer, _start, _end) = (grown, 0, kept);
    }
}
