using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// Recognises clients that come back to a run. One that says how often it has come back is believed: it alone knows a loss from a planned
/// change of its connection, or a duplicated tab from itself. One that gives only a <c>clientId</c> is known by it, within its user. Of one
/// that does not, only this is known: its user had a connection to the run that ended, and now joins it with a position.
/// <see cref="ConnectionMonitor"/>'s lock guards it.
/// </summary>
internal sealed class ReturningClients
{
    /// <summary>Clients that are away and remembered; past twice as many, those that have been away longest are forgotten.</summary>
    public const int MaxAway = 10_000;

    private const int MaxRuns = 64;
    private const int MaxAwayPerUserAndRun = 64;

    private readonly Dictionary<(string UserId, string ClientId), Known> _known = [];
    private readonly Dictionary<(string UserId, Guid RunId), Anonymous> _anonymous = new(KeyedGuids.Instance);
    private int _away;

    /// <summary>How many entries there are.</summary>
    public int Count => _known.Count + _anonymous.Count;

    /// <summary>A connection begins. Its client's count goes on.</summary>
    public void Opened(ConnectionRecord record)
    {
        if (record.ClientId is not { } clientId)
        {
            if (record.Returns is { } unnamed) record.Reconnections = unnamed;
            return;
        }
        if (!_known.TryGetValue((record.UserId, clientId), out var client)) _known.Add((record.UserId, clientId), client = new());
        else if (client.Connections == 0) _away--;
        client.Connections++;
        record.Reconnections = client.Reconnections;
        if (record.Returns is { } said) SaysItself(record, said, client);
    }

    /// <summary>A connection joins a run that it was not in. True: by that its client comes back.</summary>
    public bool Joined(ConnectionRecord record, Guid runId, long after)
    {
        if (record.Returns is not null) return HasComeBack(record);
        var before = record.ClientId is { } clientId ? CameBack(_known[(record.UserId, clientId)], runId)
            : after > 0 ? TakeAnonymous(record.UserId, runId)
            : null;
        if (before is null || record.IsReturn) return false;
        record.IsReturn = true;
        record.Reconnections = before.Value + 1;
        if (record.ClientId is { } id) _known[(record.UserId, id)].Reconnections = record.Reconnections;
        return true;
    }

    /// <summary>A client leaves a run for good: when it joins it again, that is no return.</summary>
    public void Left(ConnectionRecord record, Guid runId)
    {
        if (record.ClientId is { } clientId) _known[(record.UserId, clientId)].Runs.Remove(runId);
    }

    /// <summary>A connection has ended.</summary>
    public void Closed(ConnectionRecord record)
    {
        if (record.ClientId is { } clientId)
        {
            var client = _known[(record.UserId, clientId)];
            client.SeenAt = record.EndedAt;
            if (--client.Connections == 0) _away++;
        }
        else if (record.Returns is null)
        {
            foreach (var runId in record.Runs) AddAnonymous((record.UserId, runId), record.Reconnections, record.EndedAt);
        }
        if (_away > 2 * MaxAway) KeepNewest();
    }

    /// <summary>Forgets who has been away since before a time, by the monotonic clock.</summary>
    public void Forget(long before)
    {
        foreach (var (key, client) in _known)
        {
            if (client.Connections == 0 && client.SeenAt <= before && _known.Remove(key)) _away--;
        }
        foreach (var (key, anonymous) in _anonymous)
        {
            if (anonymous.SeenAt <= before && _anonymous.Remove(key)) _away--;
        }
    }

    /// <summary>A return that was counted before, by another connection of the client, is none any more.</summary>
    private static void SaysItself(ConnectionRecord record, int said, Known client)
    {
        record.IsReturn = said <= client.Reconnections;
        record.Reconnections = said;
        client.Reconnections = Math.Max(client.Reconnections, said);
    }

    private static bool HasComeBack(ConnectionRecord record)
    {
        if (record.IsReturn || record.Reconnections == 0) return false;
        return record.IsReturn = true;
    }

    /// <summary>How often the client had come back before, if an earlier connection of it was in the run.</summary>
    private static int? CameBack(Known client, Guid runId)
    {
        if (client.Runs.Contains(runId)) return client.Reconnections;
        if (client.Runs.Count == MaxRuns) client.Runs.Clear();
        client.Runs.Add(runId);
        return null;
    }

    private int? TakeAnonymous(string userId, Guid runId)
    {
        if (!_anonymous.TryGetValue((userId, runId), out var anonymous)) return null;
        var reconnections = anonymous.Reconnections.Dequeue();
        if (anonymous.Reconnections.Count == 0 && _anonymous.Remove((userId, runId))) _away--;
        return reconnections;
    }

    private void AddAnonymous((string UserId, Guid RunId) key, int reconnections, long now)
    {
        if (!_anonymous.TryGetValue(key, out var anonymous))
        {
            _anonymous.Add(key, anonymous = new());
            _away++;
        }
        anonymous.SeenAt = now;
        anonymous.Reconnections.Enqueue(reconnections);
        if (anonymous.Reconnections.Count > MaxAwayPerUserAndRun) anonymous.Reconnections.Dequeue();
    }

    private void KeepNewest()
    {
        var away = _known.Values.Where(c => c.Connections == 0).Select(c => c.SeenAt)
            .Concat(_anonymous.Values.Select(a => a.SeenAt)).OrderDescending();
        Forget(away.ElementAt(MaxAway));
    }

    /// <summary>A client that has a name.</summary>
    private sealed class Known
    {
        public int Connections { get; set; }

        public int Reconnections { get; set; }

        public HashSet<Guid> Runs { get; } = new(KeyedGuids.Instance);

        public long SeenAt { get; set; }
    }

    /// <summary>Connections without a name, of one user in one run, that have ended and not been followed up.</summary>
    private sealed class Anonymous
    {
        public Queue<int> Reconnections { get; } = new();

        public long SeenAt { get; set; }
    }
}
