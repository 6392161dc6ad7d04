using Collab.Protocol;

namespace Collab.Cli.Watch;

/// <summary>Which events are printed, and which are missing before one that is.</summary>
/// <param name="after">
/// Not those up to this number. Once one has come after it, or the run was erased and its numbers have begun again, all pass.
/// </param>
/// <param name="withHistory">Whether all after that number are wanted, and not only those that are still to come.</param>
/// <param name="withCursors">Cursor moves too.</param>
internal sealed class WatchFilter(long after, bool withHistory, bool withCursors)
{
    private Guid? _firstEpoch;
    private volatile bool _isAnotherLog;
    private bool _isPast;
    private long _lastRead;

    /// <summary>The number that the next event comes after; null if nobody can say.</summary>
    private long? _position = withHistory ? after : null;

    /// <summary>Told which log the run has, each time that it may be another one; on any thread, by one caller at a time.</summary>
    public void Know(Guid? epoch)
    {
        _firstEpoch ??= epoch;
        if (epoch is not null && epoch != _firstEpoch) _isAnotherLog = true;
    }

    /// <summary>Asked about one event after the other.</summary>
    /// <param name="e">The event.</param>
    /// <param name="missing">What cannot be had between the event before it and this one; null if nothing.</param>
    public bool Passes(CollaborationEvent e, out Missing? missing)
    {
        missing = null;
        if (e.SequenceNumber is not { } sequence) return withCursors || e.EventType != EventTypes.CursorMove;
        if (sequence <= _lastRead) BeginAgain();
        _lastRead = sequence;
        _isPast |= _isAnotherLog || sequence > after;
        if (!_isPast) return false;
        if (_position is { } last) missing = Missing.Between(last, sequence);
        _position = sequence;
        return true;
    }

    /// <summary>Within one log no number comes twice: it is another one, which the events may show before the connection does.</summary>
    private void BeginAgain()
    {
        _isPast = true;
        _position = withHistory ? 0 : null;
    }
}
