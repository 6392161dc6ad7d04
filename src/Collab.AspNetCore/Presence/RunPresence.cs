namespace Collab.AspNetCore.Presence;

/// <summary>
/// Who is in a run, and where each one's cursor is. A user with two tabs is there once; a user who polls is there until the polls stop.
/// Times are the monotonic clock's: to set the other one changes nobody's presence. The feed's lock guards it.
/// </summary>
internal sealed class RunPresence
{
    private readonly SortedDictionary<string, Visit> _visits = new(StringComparer.Ordinal);

    public int Count => _visits.Count;

    public IReadOnlyList<string> Users => [.. _visits.Keys];

    public IReadOnlyList<KeyValuePair<string, string>> Cursors =>
        [.. _visits.Where(v => v.Value.NodeId is not null).Select(v => KeyValuePair.Create(v.Key, v.Value.NodeId!))];

    /// <summary>What to call those who have a name, by user id.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Names =>
        [.. _visits.Where(v => v.Value.Name is not null).Select(v => KeyValuePair.Create(v.Key, v.Value.Name!))];

    /// <summary>The newest cursor move of each user, as it was sent.</summary>
    public IEnumerable<byte[]> CursorMoves => _visits.Values.Select(v => v.Move).OfType<byte[]>();

    /// <summary>One more connection of a user. True: the user was not there before.</summary>
    public bool Connect(string userId, string? userName = null)
    {
        var isNew = !_visits.TryGetValue(userId, out var visit);
        if (isNew) _visits.Add(userId, visit = new());
        visit!.Connections++;
        visit.Name = userName ?? visit.Name;
        return isNew;
    }

    /// <summary>One connection of a user fewer. True: the user is gone.</summary>
    public bool Disconnect(string userId)
    {
        if (!_visits.TryGetValue(userId, out var visit)) return false;
        visit.Connections--;
        return visit is { Connections: 0, Waits: 0, PollsUntil: null } && _visits.Remove(userId);
    }

    /// <summary>A user polled, and is there until a time. True: the user was not there before.</summary>
    public bool Poll(string userId, string? userName, long until)
    {
        var isNew = !_visits.TryGetValue(userId, out var visit);
        if (isNew) _visits.Add(userId, visit = new());
        if (visit!.PollsUntil is null || visit.PollsUntil < until) visit.PollsUntil = until;
        visit.Name = userName ?? visit.Name;
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
        if (visit.PollsUntil is null || visit.PollsUntil < until) visit.PollsUntil = until;
    }

    /// <summary>Takes out the users whose polls have stopped.</summary>
    public IReadOnlyList<string> Expire(long now)
    {
        List<string>? gone = null;
        foreach (var (userId, visit) in _visits)
        {
            if (visit.Waits > 0 || visit.PollsUntil is null || visit.PollsUntil > now) continue;
            visit.PollsUntil = null;
            if (visit.Connections == 0) (gone ??= []).Add(userId);
        }
        foreach (var userId in gone ?? []) _visits.Remove(userId);
        return gone ?? [];
    }

    /// <summary>Moves a user's cursor; null takes it away. Ignored for a user who is not there.</summary>
    public void MoveCursor(string userId, string? nodeId, byte[] move)
    {
        if (_visits.TryGetValue(userId, out var visit)) (visit.NodeId, visit.Move) = (nodeId, nodeId is null ? null : move);
    }

    private sealed class Visit
    {
        public int Connections { get; set; }

        public int Waits { get; set; }

        public long? PollsUntil { get; set; }

        /// <summary>As the newest token says.</summary>
        public string? Name { get; set; }

        public string? NodeId { get; set; }

        public byte[]? Move { get; set; }
    }
}
