using System.Threading.Channels;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// One reader's way through a run's events. It holds a bounded number of events that are not read yet. A reader that falls further behind
/// slows down no other: only its place is remembered, and when it has read what is held, it goes on with what the run's list keeps, or else
/// with what the server keeps. Ephemeral events matter only now, so a reader that is behind does not get them.
/// </summary>
/// <param name="view">The run.</param>
/// <param name="replay">Asks the server for the events after a number; null if that cannot be had any more.</param>
/// <param name="capacity">How many are held.</param>
/// <param name="withHistory">Whether what happened before it began belongs to it.</param>
internal sealed class EventReader(RunView view, Func<long, Task<ReplayResult?>> replay, int capacity, bool withHistory)
{
    private readonly Channel<CollaborationEvent> _unread =
        Channel.CreateBounded<CollaborationEvent>(new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });

    /// <summary>The last critical event that it was given.</summary>
    private RunCursor _given;
    private volatile bool _isBehind;

    /// <summary>What is there to be read; it ends when the run has.</summary>
    public ChannelReader<CollaborationEvent> Unread => _unread.Reader;

    /// <summary>Whether there is more than <see cref="Unread"/> has, see <see cref="CatchUpAsync"/>.</summary>
    public bool IsBehind => _isBehind;

    /// <summary>Why the run has ended; null if the application ended it.</summary>
    public CollabException? Error { get; private set; }

    /// <summary>Begins. From a turn of the strand, like all that follows.</summary>
    public void Begin()
    {
        _given = withHistory ? StartOf(view) : view.Cursor;
        _isBehind = _given.Last < view.Cursor.Last;
        view.Add(this);
    }

    /// <summary>An event has come.</summary>
    public void Offer(CollaborationEvent e, RunCursor cursor, bool isHistory)
    {
        if (_isBehind) return;
        if (isHistory && !withHistory) _given = cursor;
        else if (!_unread.Writer.TryWrite(e)) _isBehind = e.IsCritical;
        else if (e.IsCritical) _given = cursor;
    }

    public void End(CollabException? error)
    {
        Error = error;
        _unread.Writer.TryComplete();
    }

    /// <summary>
    /// The next events for a reader that has read all that was held. Empty: there are none that it has not got, or none to be had.
    /// </summary>
    public async Task<IReadOnlyList<CollaborationEvent>> CatchUpAsync()
    {
        BeginAgainIfErased();
        if (_given.Last + 1 < view.Events.Oldest && await replay(_given.Last) is { } kept && kept.Epoch == view.Cursor.Epoch)
        {
            BeginAgainIfErased();
            var missed = kept.Events.Where(e => e.SequenceNumber > _given.Last).ToArray();
            if (missed.Length > 0) return Give(missed);
        }
        BeginAgainIfErased();
        // What the server no longer has either is lost to it; the state covers it.
        return Give(view.Events.After(_given.Last, capacity));
    }

    private IReadOnlyList<CollaborationEvent> Give(IReadOnlyList<CollaborationEvent> events)
    {
        _given = events.Count > 0 ? _given with { Last = events[^1].SequenceNumber!.Value } : view.Cursor;
        _isBehind = _given.Last < view.Cursor.Last;
        return events;
    }

    /// <summary>The run was erased and begun again, perhaps while the reader waited for something else: so does it.</summary>
    private void BeginAgainIfErased()
    {
        if (_given.Epoch != view.Cursor.Epoch) _given = StartOf(view);
    }

    private static RunCursor StartOf(RunView view) => view.Cursor with { Last = Math.Max(0, view.Events.Oldest - 1) };
}
