using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Presence;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// One run that is active on this server: its kept events in order, its state, who is there, and who follows. Commits come in from the writers,
/// <see cref="FeedLog"/> puts them in order, and frames go out from <see cref="FeedPump"/>. A gap is held against the store by <see cref="Feeds"/>.
/// </summary>
internal sealed class Feed
{
    /// <summary>About what a feed without events takes in memory, with its place among the others.</summary>
    public const int BytesWithoutEvents = 2048;

    private readonly Lock _gate = new();
    private readonly FeedLog _log;
    private readonly FeedPump _pump;
    private readonly RunPresence _presence = new();
    private readonly ConcurrentQueue<Feed> _waitForTick;
    private readonly TimeProvider _time;
    private bool _isRetired;
    private bool _waitsForTick;

    public Feed(Guid runId, int keep, long maxLagBytes, ConcurrentQueue<Feed> waitForTick, TimeProvider time)
    {
        (RunId, _time, _waitForTick) = (runId, time, waitForTick);
        _log = new(keep);
        _pump = new(runId, _gate, maxLagBytes);
        UsedAt = time.GetTimestamp();
    }

    public Guid RunId { get; }

    /// <summary>Identity of the log; empty until it is loaded.</summary>
    public Guid Epoch { get { lock (_gate) return _log.Epoch; } }

    public long LastSequence { get { lock (_gate) return _log.Tail.Last; } }

    /// <summary>What it weighs in memory, with its kept events.</summary>
    public long Bytes => BytesWithoutEvents + EventBytes;

    /// <summary>What the kept events weigh that are in memory.</summary>
    public long EventBytes { get { lock (_gate) return _log.Tail.Bytes; } }

    public bool IsRetired { get { lock (_gate) return _isRetired; } }

    /// <summary>When somebody last asked for it, or was given it after a first load that took its time.</summary>
    public long UsedAt { get; private set; }

    public bool IsFollowed { get { lock (_gate) return _pump.Subscribers.Length > 0 || _presence.Count > 0; } }

    /// <summary>What all events so far add up to, as JSON.</summary>
    public byte[] State { get { lock (_gate) return _log.State.ToJson(); } }

    public IReadOnlyList<string> ActiveUsers { get { lock (_gate) return _presence.Users; } }

    /// <summary>Takes what the store has, all of it the first time. Events committed meanwhile are placed after it.</summary>
    /// <param name="after">Where the feed stood when the store was asked. It may have gone on since.</param>
    public Placement Load(RunSnapshot snapshot, long after)
    {
        lock (_gate)
        {
            // Who waited for the first load comes for it only now.
            if (!_log.IsLive) UsedAt = _time.GetTimestamp();
            return _log.Load(snapshot, after, _pump.Add);
        }
    }

    /// <summary>An event of this run was committed by this server.</summary>
    public Placement Committed(Guid epoch, LoggedEvent e)
    {
        lock (_gate) return _log.Commit(epoch, e, _pump.Add);
    }

    /// <summary>Sends on what has come in.</summary>
    public void Flush() => _pump.Schedule();

    /// <summary>Sends on what has come in, ephemeral events too.</summary>
    public void Tick()
    {
        lock (_gate) _waitsForTick = false;
        _pump.ScheduleAll();
    }

    /// <summary>What the run looks like to somebody who has its events up to a position. Null: not all of it is in memory.</summary>
    public RunView? Read(long after)
    {
        lock (_gate) return _log.Tail.Holds(after) ? View(after, state: []) : null;
    }

    /// <summary>As <see cref="Read"/>, and from then on the subscriber gets what comes after. Null also if this feed has ended.</summary>
    public RunView? Attach(Subscriber subscriber, long after, bool asConnection)
    {
        lock (_gate)
        {
            if (_isRetired || !_log.Tail.Holds(after)) return null;
            _pump.Add(subscriber);
            if (asConnection && _presence.Connect(subscriber.UserId, subscriber.UserName)) Announce(EventTypes.UserJoin, subscriber.UserId, subscriber.UserName);
            // Writing the state out can take long, and only who begins to follow is told it.
            return View(after, asConnection ? _log.State.ToJson() : []);
        }
    }

    /// <summary>Lets go of the kept events: who follows does not need them.</summary>
    public void LetGo()
    {
        lock (_gate) _log.Tail.LetGo();
    }

    /// <summary>Takes the kept events back from the store.</summary>
    public Placement TakeBack(RunSnapshot snapshot)
    {
        lock (_gate)
        {
            if (snapshot.Epoch != _log.Epoch) return Placement.OtherLog;
            _log.Tail.TakeBack(snapshot.Events);
            return Placement.InOrder;
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
    /// <returns>False: this feed has ended, and nobody would see the user in it.</returns>
    public bool Polled(string userId, string? userName, DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_isRetired) return false;
            if (_presence.Poll(userId, userName, until)) Announce(EventTypes.UserJoin, userId, userName);
            return true;
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
    public void Ephemeral(string eventType, string userId, string? userName, long timestamp, Guid messageId, byte[] data)
    {
        var json = EventJson.Write(RunId, sequence: null, eventType, userId, userName, timestamp, messageId, data, out _);
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

    /// <summary>All cursors, for somebody who fell behind and missed moves; null if there are none.</summary>
    public FrameMessage? Cursors()
    {
        byte[][] moves;
        lock (_gate) moves = [.. _presence.CursorMoves];
        return moves.Length == 0 ? null : Frame.MessageOf(RunId, moves);
    }

    /// <summary>Ends this feed if nobody follows it.</summary>
    /// <param name="evenIfPolled">As in <see cref="Feeds.TryEnd"/>. Who is there by a connection is a subscriber too.</param>
    public bool RetireIfUnused(bool evenIfPolled)
    {
        lock (_gate) return _isRetired = _isRetired || (_log.IsLive && _pump.Subscribers.Length == 0 && (evenIfPolled || _presence.Count == 0));
    }

    /// <summary>Ends this feed and cuts off who follows it.</summary>
    public void Retire(Ending ending)
    {
        Subscriber[] subscribers;
        lock (_gate)
        {
            _isRetired = true;
            subscribers = _pump.Subscribers;
        }
        foreach (var subscriber in subscribers) subscriber.CutOff(ending);
    }

    public void Touch() => UsedAt = _time.GetTimestamp();

    private RunView View(long after, byte[] state)
    {
        UsedAt = _time.GetTimestamp();
        var tail = _log.Tail;
        var truncated = tail.Last > after && tail.Oldest > after + 1;
        return new(RunId, _log.Epoch, tail.After(after), tail.Last, tail.Oldest, truncated, state, _presence.Users, _presence.Cursors) { UserNames = _presence.Names };
    }

    private void Announce(string eventType, string userId, string? userName = null)
    {
        var data = System.Text.Encoding.UTF8.GetBytes($$"""{"activeUserCount":{{_presence.Count}}}""");
        if (eventType == EventTypes.UserLeave) _pump.Ephemera.RemoveCursor(userId);
        _pump.Ephemera.AddPresence(userId, EventJson.Write(
            RunId, sequence: null, eventType, userId, userName, _time.GetUtcNow().ToUnixTimeMilliseconds(), Guid.CreateVersion7(), data, out _));
        WaitForTick();
    }

    private void WaitForTick()
    {
        if (_waitsForTick) return;
        _waitsForTick = true;
        _waitForTick.Enqueue(this);
    }
}
