using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Presence;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// One run that is active on this server: its kept events in order, its state, who is there, and who follows. Commits come in from the
/// writers, <see cref="FeedLog"/> puts them in order, and frames go out from <see cref="FeedPump"/>. A gap is held against the store by
/// <see cref="Feeds"/>. Who comes, goes and looks where is <see cref="FeedPresence"/>'s.
/// </summary>
internal sealed class Feed
{
    /// <summary>About what a feed without events takes in memory, with its place among the others.</summary>
    public const int BytesWithoutEvents = 2048;

    private readonly Lock _gate = new();
    private readonly FeedLog _log;
    private readonly FeedPump _pump;
    private readonly Fingerprints _fingerprints;
    private readonly Pieces _pieces;
    private readonly RunPresence _present = new();
    private readonly ConcurrentQueue<Feed> _waitForTick;
    private readonly IFeedNews _news;
    private readonly TimeProvider _time;
    private bool _isRetired;
    private bool _waitsForTick;

    public Feed(Guid runId, int keep, long maxLagBytes, ConcurrentQueue<Feed> waitForTick, IFeedNews news, TimeProvider time)
    {
        (RunId, _time, _waitForTick, _news) = (runId, time, waitForTick, news);
        _log = new(keep);
        _pieces = new(runId);
        _fingerprints = new(_log);
        _pump = new(runId, _gate, maxLagBytes, _fingerprints);
        Presence = new(this, _gate, _present, _log, _pump, news, time);
        UsedAt = time.GetTimestamp();
    }

    public Guid RunId { get; }

    /// <summary>Who is there.</summary>
    public FeedPresence Presence { get; }

    /// <summary>Identity of the log; empty until it is loaded.</summary>
    public Guid Epoch { get { lock (_gate) return _log.Epoch; } }

    public long LastSequence { get { lock (_gate) return _log.Tail.Last; } }

    /// <inheritdoc cref="FeedLog.HasEnded" />
    public bool HasEnded { get { lock (_gate) return _log.HasEnded; } }

    /// <summary>What it weighs in memory, with its kept events.</summary>
    public long Bytes => BytesWithoutEvents + EventBytes;

    /// <summary>What the kept events weigh that are in memory.</summary>
    public long EventBytes { get { lock (_gate) return _log.Tail.Bytes; } }

    /// <summary>As <see cref="FeedLog.IsBehind"/>.</summary>
    public bool IsBehind { get { lock (_gate) return _log.IsBehind; } }

    /// <inheritdoc cref="FeedLog.HasGap" />
    public bool HasGap { get { lock (_gate) return _log.HasGap; } }

    /// <summary>The store has been read for it.</summary>
    public bool IsLive { get { lock (_gate) return _log.IsLive; } }

    /// <summary>How many follow it.</summary>
    public int Subscribers { get { lock (_gate) return _pump.Subscribers.Length; } }

    public bool IsRetired { get { lock (_gate) return _isRetired; } }

    /// <summary>When it was last asked for, or given to a caller after a first load that took its time.</summary>
    public long UsedAt { get; private set; }

    /// <summary>What all events so far add up to, as JSON.</summary>
    public byte[] State { get { lock (_gate) return _log.State.ToJson(); } }

    /// <summary>The same, and what it comes to.</summary>
    public (byte[] Json, LazyFingerprint Fingerprint) StateWithFingerprint
    {
        get { lock (_gate) return (_log.State.ToJson(), _fingerprints.Now()); }
    }

    /// <summary>The states that the application adds, and the event that they reach up to.</summary>
    public (long Sequence, OwnValue[] Own) OwnState { get { lock (_gate) return (_log.Tail.Last, _log.State.Own); } }

    public IReadOnlyList<string> ActiveUsers { get { lock (_gate) return _present.Users; } }

    /// <summary>Takes what the store has, all of it the first time. Events committed meanwhile are placed after it.</summary>
    /// <param name="after">Where the feed stood when the store was asked. It may have gone on since.</param>
    public Placement Load(RunSnapshot snapshot, long after)
    {
        lock (_gate)
        {
            // Who waited for the first load comes for it only now.
            var isFirst = !_log.IsLive;
            if (isFirst) UsedAt = _time.GetTimestamp();
            var placement = _log.Load(snapshot, after, _pump.Add);
            if (isFirst)
            {
                _pump.StartAfter(_log.Tail.Last);
                _fingerprints.StartAfter(_log.Tail.Last);
            }
            return placement;
        }
    }

    /// <summary>An event of this run was committed, by this server or another.</summary>
    public Placement Committed(Guid epoch, LoggedEvent e, bool isOwn = true)
    {
        lock (_gate) return _log.Commit(epoch, e, isOwn, _pump.Add);
    }

    /// <summary>Another server says how far the run's log is.</summary>
    /// <returns>Whether this feed is not as far, or holds another log.</returns>
    public bool IsShortOf(Guid epoch, long sequence)
    {
        lock (_gate) return _log.IsLive && (epoch != _log.Epoch || sequence > _log.Tail.Last);
    }

    /// <summary>An event was found in the store that may not be here.</summary>
    /// <returns>Whether it is not.</returns>
    public bool Lacks(long sequence)
    {
        lock (_gate)
        {
            if (sequence <= _log.Tail.Last) return false;
            _log.Miss();
            return true;
        }
    }

    /// <summary>Sends on what has come in.</summary>
    public void Flush() => _pump.Schedule();

    /// <summary>Sends on what has come in, ephemeral events too.</summary>
    /// <returns>
    /// False: it has ended, and has no more word about who is in the run. Its users may be in the one that took its place by now.
    /// </returns>
    public bool Tick()
    {
        PresenceNews news;
        lock (_gate)
        {
            _waitsForTick = false;
            if (_isRetired) return false;
            news = new(_log.Epoch, _present.TakeChanges(), Marks: []);
        }
        if (news.Users.Count > 0) _news.Presence(RunId, news);
        _pump.ScheduleAll();
        return true;
    }

    /// <summary>What the run looks like to a caller that has its events up to a position. Null: not all of it is in memory.</summary>
    /// <param name="after">The position.</param>
    /// <param name="isPoll">Whether the caller folds what it is given, and compares what it comes to.</param>
    /// <param name="withPresence">Whether it asks what those are who are there, and how far they have seen.</param>
    public RunView? Read(long after, bool isPoll = false, bool withPresence = false)
    {
        lock (_gate)
        {
            if (!_log.Tail.Holds(after)) return null;
            var view = View(after, state: [], withPresence);
            return isPoll ? view with { Fingerprint = _fingerprints.Since(after), LatestBy = LatestBy(after) } : view;
        }
    }

    /// <summary>As <see cref="Read"/>, and from then on the subscriber gets what comes after. Null also if this feed has ended.</summary>
    public RunView? Attach(Subscriber subscriber, long after, bool asConnection)
    {
        lock (_gate)
        {
            if (_isRetired || !_log.Tail.Holds(after)) return null;
            _pump.Add(subscriber);
            if (asConnection) Presence.Connect(subscriber);
            var view = View(after, state: []);
            return asConnection ? view with { Fingerprint = _fingerprints.Now(), LatestBy = LatestBy(after) } : view;
        }
    }

    /// <summary>
    /// As <see cref="Attach(Subscriber, long, bool)"/>. The view has about <paramref name="maxBytes"/> of events at most, the first ones;
    /// the subscriber gets the others from <see cref="NextOf"/>, and no event that the view has.
    /// </summary>
    public RunView? Attach(Subscriber subscriber, long after, long maxBytes, bool asConnection)
    {
        lock (_gate)
        {
            if (_isRetired || !_log.Tail.Holds(after)) return null;
            var events = _log.Tail.After(after, long.MaxValue, maxBytes);
            _pump.Add(subscriber, sent: events is [.., var last] ? last.Sequence : _log.Tail.Last);
            if (asConnection) Presence.Connect(subscriber);
            // Writing the state out can take long, and only who begins to follow is told it.
            if (!asConnection) return View(after, state: [], events);
            var view = View(after, _log.State.ToJson(), events, subscriber.WantsPresence);
            return view with { Fingerprint = _fingerprints.Now() };
        }
    }

    /// <summary>About how long the answer to a join is, in bytes.</summary>
    public long AnswerBytes(long maxEventBytes)
    {
        lock (_gate) return Math.Min(_log.Tail.Bytes, maxEventBytes) + _log.State.ToJson().Length;
    }

    /// <summary>
    /// The next frame of a subscriber's backlog. Null: there is none now, or the subscriber has its place in the chain, or, if
    /// <paramref name="missing"/> says so, the events are not in memory.
    /// </summary>
    public Frame? NextOf(Subscriber subscriber, out BacklogGap missing)
    {
        missing = BacklogGap.None;
        lock (_gate)
        {
            if (subscriber.Backlog is not { } backlog) return null;
            if (backlog.TakePresence() is { } presence) return presence;
            _pump.PlaceIfCaughtUp(subscriber);
            if (backlog.Sent >= _pump.Framed) return null;
            if (_log.Tail.Oldest > backlog.Sent + 1) missing = BacklogGap.Trimmed;
            else if (!_log.Tail.Holds(backlog.Sent)) missing = BacklogGap.InStore;
            if (missing != BacklogGap.None) return null;
            UsedAt = _time.GetTimestamp();
            var piece = _pieces.After(backlog.Sent, _pump.Framed, _log.Tail);
            backlog.Sent = piece.Critical[^1].Sequence;
            return piece;
        }
    }

    /// <summary>Whether a subscriber's backlog has something for it now.</summary>
    public bool HasMoreFor(Subscriber subscriber)
    {
        lock (_gate)
            return subscriber.Backlog is { } backlog
                ? !backlog.IsEmpty || backlog.Sent <= _pump.Framed
                : subscriber.Position!.Next is not null;
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
    /// <param name="subscriber">The subscriber.</param>
    /// <param name="asConnection">Whether its user was present by it.</param>
    /// <param name="grace">How long the user still is.</param>
    public void Detach(Subscriber subscriber, bool asConnection, TimeSpan grace = default)
    {
        lock (_gate)
        {
            if (!_pump.Remove(subscriber)) return;
            UsedAt = _time.GetTimestamp();
            if (asConnection) Presence.Disconnect(subscriber.UserId, grace);
        }
    }

    /// <summary>An ephemeral event, as JSON; it leaves with the next tick.</summary>
    public void Ephemeral(byte[] json)
    {
        lock (_gate)
        {
            _pump.Ephemera.Add(json);
            WaitForTick();
        }
    }

    /// <summary>Ends this feed if it has no subscriber.</summary>
    /// <param name="evenIfPolled">As in <see cref="Feeds.TryEnd"/>. Who is there by a connection is a subscriber too.</param>
    public bool RetireIfUnused(bool evenIfPolled)
    {
        lock (_gate)
        {
            var isUnused = _log.IsLive && _pump.Subscribers.Length == 0 && (evenIfPolled || !_present.HasOwn);
            if (isUnused && _present.HasOwn) WaitForTick();
            return _isRetired = _isRetired || isUnused;
        }
    }

    /// <summary>Ends this feed and cuts off who follows it.</summary>
    public void Retire(Ending ending)
    {
        Subscriber[] subscribers;
        lock (_gate)
        {
            _isRetired = true;
            // Who was there by polls leaves without a word.
            if (_present.HasOwn) WaitForTick();
            subscribers = _pump.Subscribers;
        }
        foreach (var subscriber in subscribers) subscriber.CutOff(ending);
    }

    public void Touch() => UsedAt = _time.GetTimestamp();

    /// <summary>Who begins at the start needs it, and no event tells it.</summary>
    private IReadOnlyDictionary<string, string>? LatestBy(long after) => after == 0 ? _log.State.LatestBy : null;

    private RunView View(long after, byte[] state, bool withPresence = false) =>
        View(after, state, _log.Tail.After(after), withPresence);

    private RunView View(long after, byte[] state, LoggedEvent[] events, bool withPresence = false)
    {
        UsedAt = _time.GetTimestamp();
        var tail = _log.Tail;
        var truncated = tail.Last > after && tail.Oldest > after + 1;
        return new(RunId, _log.Epoch, events, tail.Last, tail.Oldest, truncated, state, _present.Users, _present.Cursors)
        {
            UserNames = _present.Names,
            HasEnded = _log.HasEnded,
            BranchedFrom = _log.BranchedFrom,
            Presence = withPresence ? _present.Entries : null,
            MarkMoves = withPresence ? _present.MarkMoves : 0,
        };
    }

    /// <summary>Something leaves with the next tick. The lock is held.</summary>
    public void WaitForTick()
    {
        if (_waitsForTick) return;
        _waitsForTick = true;
        _waitForTick.Enqueue(this);
    }
}

/// <summary>Why a subscriber's next events are not in memory.</summary>
internal enum BacklogGap
{
    /// <summary>They are.</summary>
    None,

    /// <summary>They were let go of, and can be read from the store.</summary>
    InStore,

    /// <summary>They are not kept any more: the run has grown faster than the subscriber takes it.</summary>
    Trimmed,
}
