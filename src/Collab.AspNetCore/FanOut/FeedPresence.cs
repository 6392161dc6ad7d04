using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Presence;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Who is there in a feed's run, on this server and on others, how far each has seen, and where their cursors are; and what those who
/// follow, and other servers, are told of it.
/// </summary>
/// <param name="feed">The feed.</param>
/// <param name="gate">Its lock.</param>
/// <param name="present">Who is there.</param>
/// <param name="log">The run's log, to which marks belong.</param>
/// <param name="pump">Takes events out to those who follow.</param>
/// <param name="news">Tells other servers.</param>
/// <param name="time">The clock.</param>
internal sealed class FeedPresence(
    Feed feed, Lock gate, RunPresence present, FeedLog log, FeedPump pump, IFeedNews news, TimeProvider time)
{
    /// <summary>Of more marks that have moved one answer does not tell; the next one goes on.</summary>
    private const int MostMarks = 1000;

    private readonly ServerParts _parts = new();

    /// <summary>A user is there by one connection more. The lock is held.</summary>
    public void Connect(Subscriber subscriber) => Tell(
        present.Connect(subscriber.UserId, subscriber.UserName, subscriber.Kind), EventTypes.UserJoin,
        subscriber.UserId, subscriber.UserName);

    /// <summary>And by one fewer. The lock is held.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="grace">How long the user is there all the same.</param>
    public void Disconnect(string userId, TimeSpan grace)
    {
        if (grace > TimeSpan.Zero) present.Poll(userId, userName: null, time.GetTimestamp() + time.TicksOf(grace));
        Tell(present.Disconnect(userId), EventTypes.UserLeave, userId);
    }

    /// <summary>A user polls, and is present until a time of the monotonic clock.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="until">That time.</param>
    /// <param name="seen">Up to which number the user's client has applied the run; null: it does not say.</param>
    /// <returns>False: this feed has ended, and no subscriber would see the user in it.</returns>
    public bool Polled(Caller caller, long until, long? seen = null)
    {
        lock (gate)
        {
            if (feed.IsRetired) return false;
            var isNew = present.Poll(caller.UserId, caller.UserName, until, caller.Kind);
            Tell(isNew, EventTypes.UserJoin, caller.UserId, caller.UserName);
            if (Reached(seen) is { } number) present.Saw(caller.UserId, number);
            return true;
        }
    }

    /// <summary>
    /// A client of a user who is there says how far it has applied the run. A number that the run has not reached is its last.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="seen">The number; null: it does not say.</param>
    /// <param name="told">How many moves of marks the client has been told of; afterwards with those of the answer.</param>
    /// <returns>What counts of it, and the marks that have moved since.</returns>
    public (long? Seen, IReadOnlyList<SeenMark> Moved) Saw(string userId, long? seen, ref long told)
    {
        lock (gate)
        {
            var counts = Reached(seen);
            if (counts is { } number) present.Saw(userId, number);
            return (counts, present.MarksSince(ref told, MostMarks));
        }
    }

    /// <summary>A poll of a user waits.</summary>
    public void BeginWait(string userId)
    {
        lock (gate) present.BeginWait(userId);
    }

    /// <summary>A poll waits no more; the user is present until a time.</summary>
    public void EndWait(string userId, long until)
    {
        lock (gate) present.EndWait(userId, until);
    }

    /// <summary>A second has passed: users whose polls have stopped are gone, and others hear how far the rest has seen.</summary>
    public void Second(long now)
    {
        PresenceNews moved;
        lock (gate)
        {
            foreach (var userId in present.Expire(now)) Announce(EventTypes.UserLeave, userId);
            if (present.HasChanges) feed.WaitForTick();
            moved = new(log.Epoch, Users: [], present.TakeMarks());
        }
        if (moved.Marks.Count > 0) news.Presence(feed.RunId, moved);
    }

    /// <summary>A user has moved a cursor; it leaves with the next tick.</summary>
    public void MoveCursor(string userId, string? nodeId, byte[] json)
    {
        lock (gate)
        {
            present.MoveCursor(userId, nodeId, json);
            pump.Ephemera.AddCursor(userId, json);
            feed.WaitForTick();
        }
    }

    /// <summary>This server's users in the run.</summary>
    public PresenceNews OwnPart()
    {
        lock (gate) return new(log.Epoch, present.OwnPart(), Marks: []);
    }

    /// <summary>What is known of another server's users in the run.</summary>
    public IReadOnlyList<Attendance> PartOf(Guid server)
    {
        lock (gate) return present.PartOf(server);
    }

    /// <summary>
    /// Users whose server has ended in order, before this feed had heard of it; one that has told itself needs no other's word.
    /// </summary>
    public void Inherit(Guid server, IReadOnlyList<Attendance> users)
    {
        lock (gate)
        {
            if (_parts.ToldBy(server) > 0) return;
            foreach (var one in users.Where(u => u.IsHere)) Tell(server, one with { Seen = null });
        }
    }

    /// <summary>The version of what a server has told last of its users here; 0: it has told nothing.</summary>
    public long ToldBy(Guid server)
    {
        lock (gate) return _parts.ToldBy(server);
    }

    /// <summary>Another server tells of its users in the run.</summary>
    public Hearing Tell(Guid server, in ServerPart part)
    {
        lock (gate)
        {
            var hearing = _parts.Hear(server, part, out var all);
            if (hearing == Hearing.Late) return hearing;
            // Marks are about one log: erased, and begun again, a run has other events of the same numbers.
            var areMarksOurs = part.Epoch == log.Epoch;
            foreach (var one in part.Users) Tell(server, areMarksOurs ? one : one with { Seen = null });
            foreach (var mark in areMarksOurs ? part.Marks : []) present.Tell(mark);
            if (all is not null) Leave(server, UsersOf(server).Where(user => !all.Contains(user)));
            return hearing;
        }
    }

    /// <summary>Another server is gone, and its users with it.</summary>
    public void Lose(Guid server)
    {
        lock (gate)
        {
            _parts.Forget(server);
            Leave(server, UsersOf(server));
        }
    }

    /// <summary>All cursors, for a subscriber that fell behind and missed moves; null if there are none.</summary>
    public Frame? Cursors()
    {
        byte[][] moves;
        lock (gate) moves = [.. present.CursorMoves];
        return moves.Length == 0 ? null : Frame.Apart(feed.RunId, critical: [], moves);
    }

    /// <summary>Of a run without events there is nothing to have seen; its log is not the same one on each server yet.</summary>
    private long? Reached(long? seen) => seen is { } number && log.Tail.Last > 0 ? Math.Min(number, log.Tail.Last) : null;

    /// <summary>A user has one reason more or fewer to be there on this server, and perhaps is on another.</summary>
    private void Tell(bool isNews, string eventType, string userId, string? userName = null)
    {
        if (isNews) Announce(eventType, userId, userName);
        if (present.HasChanges) feed.WaitForTick();
    }

    private void Announce(string eventType, string userId, string? userName = null)
    {
        // Who follows from now on finds it in the answer, and is not told as news what was there before.
        if (pump.Subscribers.Length == 0) return;
        var kind = eventType == EventTypes.UserJoin && present.KindOf(userId) == ParticipantKind.Agent ? ",\"kind\":\"agent\"" : "";
        var data = System.Text.Encoding.UTF8.GetBytes($$"""{"activeUserCount":{{present.Count}}{{kind}}}""");
        if (eventType == EventTypes.UserLeave) pump.Ephemera.RemoveCursor(userId);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var json = EventJson.Write(
            feed.RunId, sequence: null, eventType, userId, userName, now, Guid.CreateVersion7(), data, signature: null, out _);
        pump.Ephemera.AddPresence(userId, json);
        feed.WaitForTick();
    }

    private IEnumerable<string> UsersOf(Guid server) => present.PartOf(server).Select(u => u.UserId);

    private void Leave(Guid server, IEnumerable<string> users)
    {
        foreach (var userId in users.ToList()) Tell(server, new Attendance(userId, IsHere: false, null, null, null));
    }

    private void Tell(Guid server, Attendance told)
    {
        if (present.Tell(server, told)) Announce(told.IsHere ? EventTypes.UserJoin : EventTypes.UserLeave, told.UserId, told.UserName);
        if (told is not { IsHere: true, Move: { } move }) return;
        pump.Ephemera.AddCursor(told.UserId, move);
        feed.WaitForTick();
    }
}
