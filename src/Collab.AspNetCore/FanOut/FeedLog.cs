using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// The order of one feed: its epoch, its kept events without a gap, the state, and what came too early. Says what became of each event and
/// leaves the rest to the <see cref="Feed"/>, whose lock guards it.
/// </summary>
internal sealed class FeedLog(int keep)
{
    private const int MaxHeldBack = 4096;

    private readonly Dictionary<long, (Guid Epoch, LoggedEvent Event)> _heldBack = [];
    private bool _hasMissed;

    /// <summary>Identity of the log.</summary>
    public Guid Epoch { get; private set; }

    public Tail Tail { get; } = new(keep);

    public StateFold State { get; private set; } = new();

    /// <summary>The event that closes the run is in its place: there will be no other.</summary>
    public bool HasEnded => State.HasEnded;

    /// <summary>What the run began as a copy of; null: of nothing.</summary>
    public BranchOrigin? BranchedFrom { get; private set; }

    /// <summary>What the store had has been taken in.</summary>
    public bool IsLive { get; private set; }

    /// <summary>This server has acknowledged an event, of this log or of another, that is not in its place here.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>What came is not in its place, for something before it is missing.</summary>
    public bool HasGap => _hasMissed || _heldBack.Count > 0;

    /// <summary>There is an event that is not here: what the store is being asked at this moment may be too old to have it.</summary>
    public void Miss() => (_hasMissed, IsBehind) = (true, true);

    /// <summary>Takes what the store has, all of it the first time, later what it has after a position.</summary>
    /// <param name="after">Where the tail stood when the store was asked. It may have gone on since.</param>
    /// <param name="placed">Gets each event that is now in its place and was not in the first load.</param>
    public Placement Load(RunSnapshot snapshot, long after, Action<LoggedEvent> placed)
    {
        if (!IsLive) LoadFirst(snapshot);
        else if (!TryContinue(snapshot, after, placed)) return Placement.OtherLog;
        PlaceHeldBack(placed);
        var isComplete = _heldBack.Count == 0 && !_hasMissed;
        (_hasMissed, IsBehind) = (false, !isComplete);
        return isComplete ? Placement.InOrder : Placement.Gap;
    }

    /// <summary>An event was committed, by this server or another.</summary>
    public Placement Commit(Guid epoch, LoggedEvent e, bool isOwn, Action<LoggedEvent> placed)
    {
        if (!IsLive)
        {
            HoldBack(epoch, e);
            return Placement.InOrder;
        }
        // A late event of a log that was erased, or the first of the one that came after it: the store knows.
        if (epoch != Epoch)
        {
            _hasMissed = true;
            IsBehind |= isOwn;
            return Placement.Gap;
        }
        if (e.Sequence <= Tail.Last) return Placement.InOrder;
        if (e.Sequence > Tail.Last + 1)
        {
            HoldBack(epoch, e);
            IsBehind |= isOwn;
            return Placement.Gap;
        }
        Place(e, placed);
        PlaceHeldBack(placed);
        return Placement.InOrder;
    }

    private void LoadFirst(RunSnapshot snapshot)
    {
        (IsLive, Epoch, State, BranchedFrom) = (true, snapshot.Epoch, snapshot.State, snapshot.BranchedFrom);
        foreach (var e in snapshot.Events) Add(e);
    }

    private bool TryContinue(RunSnapshot snapshot, long after, Action<LoggedEvent> placed)
    {
        if (snapshot.Epoch != Epoch || snapshot.LastSequence < after) return false;
        foreach (var e in snapshot.Events.Where(e => e.Sequence > Tail.Last))
        {
            // Trimmed before this server read them: who follows must start from the state.
            if (e.Sequence != Tail.Last + 1) return false;
            Place(e, placed);
        }
        return true;
    }

    private void HoldBack(Guid epoch, LoggedEvent e)
    {
        if (_heldBack.Count < MaxHeldBack) _heldBack[e.Sequence] = (epoch, e);
        else _hasMissed = true;
    }

    /// <summary>Places what now has its turn, and drops what is there already or belongs to a log that was erased.</summary>
    private void PlaceHeldBack(Action<LoggedEvent> placed)
    {
        if (_heldBack.Count == 0) return;
        foreach (var stale in _heldBack.Where(h => h.Value.Epoch != Epoch || h.Key <= Tail.Last).ToList()) _heldBack.Remove(stale.Key);
        while (_heldBack.Remove(Tail.Last + 1, out var next)) Place(next.Event, placed);
    }

    private void Place(LoggedEvent e, Action<LoggedEvent> placed)
    {
        Add(e);
        placed(e);
    }

    private void Add(LoggedEvent e)
    {
        Tail.Add(e);
        if (e.Sequence > State.AsOfSequence) State.Apply(e);
    }
}

/// <summary>What became of a committed event.</summary>
internal enum Placement
{
    /// <summary>In its place, or it was there already.</summary>
    InOrder,

    /// <summary>Events are missing, or it is not clear which log they belong to: read the store.</summary>
    Gap,

    /// <summary>It belongs to another log of the run than the one this feed holds.</summary>
    OtherLog,
}
