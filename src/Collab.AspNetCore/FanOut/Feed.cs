using System.Collections.Concurrent;
using Collab.AspNetCore.Presence;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// One run that is active on this server: its kept events in order, its state, who is there, and who follows. Commits come in from the writers,
/// frames go out from <see cref="FeedPump"/>; a number that is missing is held against the store by <see cref="Feeds"/>.
/// </summary>
internal sealed class Feed
{
    private const int MaxHeldBack = 4096;

    private readonly Lock _gate = new();
    private readonly FeedPump _pump;
    private readonly TimeProvider _time;
    private readonly RunPresence _presence = new();
    private readonly ConcurrentQueue<Feed> _waitForTick;
    private readonly Dictionary<long, LoggedEvent> _heldBack = [];
    private readonly Tail _tail;
    private StateFold _state = new();
    private bool _isLive;
    private bool _isRetired;
    private bool _hasMissed;
    private bool _waitsForTick;

    public Feed(Guid runId, Guid epochIfNew, int keep, long maxLagBytes, ConcurrentQueue<Feed> waitForTick, TimeProvider time)
    {
        (RunId, Epoch, _time, _waitForTick) = (runId, epochIfNew, time, waitForTick);
        _tail = new(keep);
        _pump = new(runId, _gate, maxLagBytes);
        UsedAt = time.GetTimestamp();
    }

    public Guid RunId { get; }

    /// <summary>Identity of the log; of a run without events, what it will be if this server writes the first one.</summary>
    public Guid Epoch { get; private set; }

    public long LastSequence { get { lock (_gate) return _tail.Last; } }

    public long Bytes { get { lock (_gate) return _tail.Bytes; } }

    /// <summary>When somebody last asked for it.</summary>
    public long UsedAt { get; private set; }

    public bool IsFollowed { get { lock (_gate) return _pump.Subscribers.Length > 0 || _presence.Count > 0; } }

    public IReadOnlyList<string> ActiveUsers { get { lock (_gate) return _presence.Users; } }

    /// <summary>Takes what the store has, all of it the first time. Events committed meanwhile are placed after it.</summary>
    /// <param name="snapshot">What was read.</param>
    /// <param name="after"><see cref="LastSequence"/> when the store was asked: the store must reach that far, but need not have what came since.</param>
    public Placement Load(RunSnapshot? snapshot, long after)
    {
        lock (_gate)
        {
            if (!_isLive) LoadFirst(snapshot);
            else if (!TryContinue(snapshot, after)) return Placement.OtherLog;
            PlaceHeldBack();
            var isComplete = _heldBack.Count == 0 && !_hasMissed;
            _hasMissed = false;
            return isComplete ? Placement.InOrder : Placement.Gap;
        }
    }

    /// <summary>An event of this run was committed by this server.</summary>
    public Placement Committed(Guid epoch, LoggedEvent e)
    {
        lock (_gate)
        {
            if (!_isLive)
            {
                // If the run turns out to be new, this is what made it.
                Epoch = epoch;
                return HoldBack(e);
            }
            if (epoch != Epoch)
            {
                if (_tail.Last > 0) return Placement.OtherLog;
                Epoch = epoch;
            }
            if (e.Sequence <= _tail.Last) return Placement.InOrder;
            if (e.Sequence > _tail.Last + 1) return HoldBack(e);
            Place(e);
            PlaceHeldBack();
            return Placement.InOrder;
        }
    }

    /// <summary>Sends on what has come in.</summary>
    public void Flush() => _pump.Schedule();

    /// <summary>Sends on what has come in, ephemeral events too.</summary>
    public void Tick()
    {
        lock (_gate) _waitsForTick = false;
        _pump.ScheduleAll();
    }

    /// <summary>What the run looks like to somebody who has its events up to a position.</summary>
    public RunView Read(long after)
    {
        lock (_gate) return View(after);
    }

    /// <summary>As <see cref="Read"/>, and from then on the subscriber gets what comes after. Null: this feed has ended, get another.</summary>
    public RunView? Attach(Subscriber subscriber, long after, bool asConnection)
    {
        lock (_gate)
        {
            if (_isRetired) return null;
            _pump.Add(subscriber);
            if (asConnection && _presence.Connect(subscriber.UserId)) Announce(EventTypes.UserJoin, subscriber.UserId);
            return View(after);
        }
    }

    /// <summary>Takes a subscriber out, if it is in.</summary>
    public void Detach(Subscriber subscriber, bool asConnection)
    {
        lock (_gate)
        {
            if (!_pump.Remove(subscriber)) return;
            UsedAt = _time.GetTimestamp();
            if (asConnection && _presence.Disconnect(subscriber.UserId)) Announce(EventTypes.UserLeave, subscriber.UserId);
        }
    }

    /// <summary>A user polls, and is present until a time.</summary>
    public void Polled(string userId, DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_presence.Poll(userId, until)) Announce(EventTypes.UserJoin, userId);
        }
    }

    public void ExpirePolls(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var userId in _presence.Expire(now)) Announce(EventTypes.UserLeave, userId);
        }
    }

    /// <summary>An ephemeral event; it leaves with the next tick.</summary>
    public void Ephemeral(string eventType, string userId, long timestamp, Guid messageId, byte[] data)
    {
        var json = EventJson.Write(RunId, sequence: null, eventType, userId, timestamp, messageId, data, out _);
        lock (_gate)
        {
            if (eventType == EventTypes.CursorMove)
            {
                _presence.MoveCursor(userId, EventData.GetString(data, "nodeId"), json);
                _pump.Ephemera.AddCursor(userId, json);
            }
            else _pump.Ephemera.Add(json);
            WaitForTick();
        }
    }

    /// <summary>Somebody fell behind and missed cursors: sends all of them again.</summary>
    public void RefreshCursors()
    {
        lock (_gate)
        {
            foreach (var (userId, move) in _presence.CursorMoves) _pump.Ephemera.AddCursor(userId, move);
            WaitForTick();
        }
    }

    /// <summary>Ends this feed if nobody follows it.</summary>
    public bool RetireIfUnused()
    {
        lock (_gate) return _isRetired = _isRetired || (_isLive && _pump.Subscribers.Length == 0 && _presence.Count == 0);
    }

    /// <summary>Ends this feed and cuts off who follows it.</summary>
    public void Retire(string reason)
    {
        Subscriber[] subscribers;
        lock (_gate)
        {
            _isRetired = true;
            subscribers = _pump.Subscribers;
        }
        foreach (var subscriber in subscribers) subscriber.CutOff(reason);
    }

    public void Touch() => UsedAt = _time.GetTimestamp();

    private RunView View(long after)
    {
        UsedAt = _time.GetTimestamp();
        var truncated = _tail.Last > after && _tail.Oldest > after + 1;
        return new(RunId, Epoch, _tail.After(after), _tail.Last, _tail.Oldest, truncated, _state.ToJson(), _presence.Users, _presence.Cursors);
    }

    private void LoadFirst(RunSnapshot? snapshot)
    {
        _isLive = true;
        if (snapshot is null) return;
        Epoch = snapshot.Epoch;
        _state = snapshot.State;
        foreach (var e in snapshot.Events) Add(e);
    }

    private bool TryContinue(RunSnapshot? snapshot, long after)
    {
        if (snapshot is null) return after == 0;
        if (_tail.Last == 0) Epoch = snapshot.Epoch;
        if (snapshot.Epoch != Epoch || snapshot.LastSequence < after) return false;
        foreach (var e in snapshot.Events.Where(e => e.Sequence > _tail.Last))
        {
            // Trimmed before this server read them: who follows must start from the state.
            if (e.Sequence != _tail.Last + 1) return false;
            Place(e);
        }
        return true;
    }

    private Placement HoldBack(LoggedEvent e)
    {
        if (_heldBack.Count < MaxHeldBack) _heldBack[e.Sequence] = e;
        else _hasMissed = true;
        return _isLive ? Placement.Gap : Placement.InOrder;
    }

    private void PlaceHeldBack()
    {
        if (_heldBack.Count == 0) return;
        while (_heldBack.Remove(_tail.Last + 1, out var next)) Place(next);
        foreach (var passed in _heldBack.Keys.Where(s => s <= _tail.Last).ToList()) _heldBack.Remove(passed);
    }

    private void Place(LoggedEvent e)
    {
        Add(e);
        _pump.Add(e);
    }

    private void Add(LoggedEvent e)
    {
        _tail.Add(e);
        if (e.Sequence > _state.AsOfSequence) _state.Apply(e);
    }

    private void Announce(string eventType, string userId)
    {
        var data = System.Text.Encoding.UTF8.GetBytes($$"""{"activeUserCount":{{_presence.Count}}}""");
        _pump.Ephemera.AddPresence(EventJson.Write(
            RunId, sequence: null, eventType, userId, _time.GetUtcNow().ToUnixTimeMilliseconds(), Guid.CreateVersion7(), data, out _));
        WaitForTick();
    }

    private void WaitForTick()
    {
        if (_waitsForTick) return;
        _waitsForTick = true;
        _waitForTick.Enqueue(this);
    }
}

/// <summary>What became of a committed event.</summary>
internal enum Placement
{
    /// <summary>In its place, or it was there already.</summary>
    InOrder,

    /// <summary>Held back: events before it are missing and must be read from the store.</summary>
    Gap,

    /// <summary>It belongs to another log of the run than the one this feed holds.</summary>
    OtherLog,
}
