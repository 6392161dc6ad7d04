using Collab.Protocol;

namespace Collab.AspNetCore.Presence;

/// <summary>
/// Who is in a run, and where each one's cursor is. A user with two tabs is there once, on whatever servers; a user who polls is there
/// until the polls stop. What is told of others' users is their servers' word, each for its own part: nobody else changes it. Times are the
/// monotonic clock's: to set the other one changes nobody's presence. The feed's lock guards it.
/// </summary>
internal sealed class RunPresence
{
    private readonly SortedDictionary<string, Visit> _visits = new(StringComparer.Ordinal);

    /// <summary>Whose part of this server has changed since <see cref="TakeChanges"/>.</summary>
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>How far each of them has seen.</summary>
    private readonly SeenMarks _marks = new();

    public int Count => _visits.Count;

    /// <inheritdoc cref="SeenMarks.Moves" />
    public long MarkMoves => _marks.Moves;

    /// <summary>Whether a user is there on this server.</summary>
    public bool HasOwn => _visits.Values.Any(v => v.IsOwn);

    /// <summary>Whether something is to be told to other servers.</summary>
    public bool HasChanges => _changed.Count > 0;

    public IReadOnlyList<string> Users => [.. _visits.Keys];

    public IReadOnlyList<KeyValuePair<string, string>> Cursors =>
        [.. _visits.Where(v => v.Value.NodeId is not null).Select(v => KeyValuePair.Create(v.Key, v.Value.NodeId!))];

    /// <summary>What to call those who have a name, by user id.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Names =>
        [.. _visits.Where(v => v.Value.Name is not null).Select(v => KeyValuePair.Create(v.Key, v.Value.Name!))];

    /// <summary>Who is there, with what each is and has seen.</summary>
    public IReadOnlyList<PresenceEntry> Entries =>
        [.. _visits.Select(v => new PresenceEntry(v.Key, v.Value.Kind, v.Value.Name, _marks.Of(v.Key)))];

    public ParticipantKind KindOf(string userId) => _visits.TryGetValue(userId, out var visit) ? visit.Kind : ParticipantKind.Person;

    /// <summary>The newest cursor move of each user, as it was sent.</summary>
    public IEnumerable<byte[]> CursorMoves => _visits.Values.Select(v => v.Move).OfType<byte[]>();

    /// <summary>One more connection of a user. True: the user was not there before.</summary>
    public bool Connect(string userId, string? userName = null, ParticipantKind kind = default)
    {
        var visit = EnterHere(userId, userName, kind, out var isNew);
        visit.Connections++;
        return isNew;
    }

    /// <summary>One connection of a user fewer. True: the user is gone.</summary>
    public bool Disconnect(string userId)
    {
        if (!_visits.TryGetValue(userId, out var visit)) return false;
        visit.Connections--;
        return Leave(userId, visit);
    }

    /// <summary>A user polled, and is there until a time. True: the user was not there before.</summary>
    public bool Poll(string userId, string? userName, long until, ParticipantKind? kind = null)
    {
        EnterHere(userId, userName, kind, out var isNew).StayUntil(until);
        return isNew;
    }

    /// <summary>A poll of a user waits, and the user is there as long as it does. The poll itself was noted before.</summary>
    public void BeginWait(string userId)
    {
        if (_visits.TryGetValue(userId, out var visit)) visit.Waits++;
    }

    /// <summary>A poll waits no more, answered or not: from here on the user is there until a time.</summary>
    public void EndWait(string userId, long until)
    {
        if (!_visits.TryGetValue(userId, out var visit) || visit.Waits == 0) return;
        visit.Waits--;
        visit.StayUntil(until);
    }

    /// <summary>Takes out the users whose polls have stopped.</summary>
    public IReadOnlyList<string> Expire(long now)
    {
        List<string>? gone = null;
        foreach (var (userId, visit) in _visits)
        {
            if (visit.Waits > 0 || visit.PollsUntil is null || visit.PollsUntil > now) continue;
            visit.PollsUntil = null;
            if (!visit.IsOwn) (gone ??= []).Add(userId);
        }
        gone?.RemoveAll(userId => !Leave(userId, _visits[userId]));
        return gone ?? [];
    }

    /// <summary>Moves a user's cursor; null takes it away. Ignored for a user who is not there.</summary>
    public void MoveCursor(string userId, string? nodeId, byte[] move)
    {
        if (!_visits.TryGetValue(userId, out var visit)) return;
        (visit.NodeId, visit.Move) = (nodeId, nodeId is null ? null : move);
        if (visit.IsOwn) _changed.Add(userId);
    }

    /// <summary>A client of this server's has applied the run up to a number. Ignored for a user who is not on this server.</summary>
    public void Saw(string userId, long seen)
    {
        if (_visits.TryGetValue(userId, out var visit) && visit.IsOwn) _marks.Raise(userId, seen, isOwn: true);
    }

    /// <inheritdoc cref="SeenMarks.Since" />
    public IReadOnlyList<SeenMark> MarksSince(ref long told, int most) => _marks.Since(ref told, most);

    /// <inheritdoc cref="SeenMarks.TakeUntold" />
    public IReadOnlyList<SeenMark> TakeMarks() => _marks.TakeUntold();

    /// <summary>What is new of this server's users since the last time.</summary>
    public IReadOnlyList<Attendance> TakeChanges()
    {
        if (_changed.Count == 0) return [];
        Attendance[] changes = [.. _changed.Select(OwnOf)];
        _changed.Clear();
        return changes;
    }

    /// <summary>All of this server's users.</summary>
    public IReadOnlyList<Attendance> OwnPart() => [.. _visits.Where(v => v.Value.IsOwn).Select(v => OwnOf(v.Key))];

    /// <summary>Another server tells of one of its users.</summary>
    /// <returns>True: the user came or went, whatever servers are looked at.</returns>
    public bool Tell(Guid server, Attendance told)
    {
        if (!told.IsHere)
        {
            if (!_visits.TryGetValue(told.UserId, out var left) || !left.LeaveServer(server)) return false;
            // A mark that this server had from that one, and so did not tell itself, is now its own to tell.
            if (left.IsOwn) _marks.TellAgain(told.UserId);
            return left is { IsOwn: false, Servers: null } && Remove(told.UserId);
        }
        var visit = Enter(told.UserId, out var isNew);
        (visit.Servers ??= []).Add(server);
        visit.Name = told.UserName ?? visit.Name;
        // A server of an earlier version knows no agents: what a token has said here is better known.
        if (!visit.IsOwn) visit.Kind = told.Kind;
        if (told.Seen is { } seen) _marks.Raise(told.UserId, seen, isOwn: false);
        if (told.Move is not null || isNew) (visit.NodeId, visit.Move) = (told.NodeId, told.NodeId is null ? null : told.Move);
        return isNew;
    }

    /// <summary>Another server tells how far one of its users has seen. Ignored for a user who is not there.</summary>
    public void Tell(SeenMark told)
    {
        if (_visits.ContainsKey(told.UserId)) _marks.Raise(told.UserId, told.Seen, isOwn: false);
    }

    /// <summary>The users that another server has told of.</summary>
    public IReadOnlyList<Attendance> PartOf(Guid server) =>
        [.. _visits.Where(v => v.Value.Servers?.Contains(server) == true).Select(v => Of(v.Key, v.Value))];

    private Attendance OwnOf(string userId) =>
        _visits.TryGetValue(userId, out var visit) && visit.IsOwn ? Of(userId, visit) : new(userId, IsHere: false, null, null, null);

    private Attendance Of(string userId, Visit visit) =>
        new(userId, IsHere: true, visit.Name, visit.NodeId, visit.Move) { Kind = visit.Kind, Seen = _marks.Of(userId) };

    /// <summary>One reason to be there on this server more. Other servers are told if it is the first, or the name is another.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="userName">What to call the user; null: as before.</param>
    /// <param name="kind">What the user is; null: as before.</param>
    /// <param name="isNew">Whether the user was nowhere before.</param>
    private Visit EnterHere(string userId, string? userName, ParticipantKind? kind, out bool isNew)
    {
        var visit = Enter(userId, out isNew);
        if (!visit.IsOwn || (userName is not null && userName != visit.Name) || (kind ?? visit.Kind) != visit.Kind) _changed.Add(userId);
        visit.Name = userName ?? visit.Name;
        visit.Kind = kind ?? visit.Kind;
        return visit;
    }

    private Visit Enter(string userId, out bool isNew)
    {
        isNew = !_visits.TryGetValue(userId, out var visit);
        if (isNew) _visits.Add(userId, visit = new());
        return visit!;
    }

    /// <summary>One reason to be there on this server fewer. True: it was the last, and the user is on no other.</summary>
    private bool Leave(string userId, Visit visit)
    {
        if (visit.IsOwn) return false;
        _changed.Add(userId);
        return visit.Servers is null && Remove(userId);
    }

    private bool Remove(string userId)
    {
        _marks.Remove(userId);
        return _visits.Remove(userId);
    }

    private sealed class Visit
    {
        public int Connections { get; set; }

        public int Waits { get; set; }

        public long? PollsUntil { get; set; }

        /// <summary>Other servers that the user is there on; null: none.</summary>
        public HashSet<Guid>? Servers { get; set; }

        /// <summary>Whether the user is there on this server.</summary>
        public bool IsOwn => Connections > 0 || Waits > 0 || PollsUntil is not null;

        /// <summary>As the newest token says.</summary>
        public string? Name { get; set; }

        /// <summary>As the newest token says, too.</summary>
        public ParticipantKind Kind { get; set; }

        public string? NodeId { get; set; }

        public byte[]? Move { get; set; }

        public void StayUntil(long until)
        {
            if (PollsUntil is null || PollsUntil < until) PollsUntil = until;
        }

        public bool LeaveServer(Guid server)
        {
            if (Servers?.Remove(server) != true) return false;
            if (Servers.Count == 0) Servers = null;
            return true;
        }
    }
}
