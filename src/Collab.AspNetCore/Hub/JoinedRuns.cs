using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>The runs that one connection has joined, up to a limit (0: none).</summary>
internal sealed class JoinedRuns(int limit)
{
    private readonly Lock _gate = new();

    /// <summary>Null: a join is under way, and has its place.</summary>
    private readonly Dictionary<Guid, Joined?> _runs = new(KeyedGuids.Instance);
    private bool _ended;

    /// <summary>Keeps a place for a join. It is taken by <see cref="Fill"/> or given back by <see cref="GiveBack"/>.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>: too many runs. <c>unavailable</c>: the connection has ended.</exception>
    public void Reserve(Guid runId)
    {
        lock (_gate)
        {
            DemandOpen();
            if (_runs.ContainsKey(runId)) return;
            if (limit > 0 && _runs.Count >= limit)
                throw new RefusedException(CollabErrorCode.RateLimited, $"One connection can join {limit} runs; leave one first.");
            _runs.Add(runId, null);
        }
    }

    /// <summary>Joins. The new subscriber is in before the old one is out, so that nobody sees the user leave.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>: the connection has ended.</exception>
    public void Fill(Guid runId, Feed feed, HubSubscriber subscriber)
    {
        Joined? old;
        lock (_gate)
        {
            DemandOpen();
            old = _runs[runId];
            _runs[runId] = new(feed, subscriber);
        }
        old?.End();
    }

    /// <summary>What follows the run now; null: nothing.</summary>
    public HubSubscriber? Find(Guid runId)
    {
        lock (_gate) return _runs.GetValueOrDefault(runId)?.Subscriber;
    }

    /// <summary>The join failed. A run that was joined before stays so.</summary>
    public void GiveBack(Guid runId)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(runId, out var joined) && joined is null) _runs.Remove(runId);
        }
    }

    /// <summary>Whether the run is joined.</summary>
    public bool Has(Guid runId) => Find(runId) is not null;

    /// <returns>False: it was not joined.</returns>
    public bool Leave(Guid runId)
    {
        Joined? joined;
        lock (_gate)
        {
            if (!_runs.Remove(runId, out joined)) return false;
        }
        joined?.End();
        return true;
    }

    /// <summary>Leaves all, and joins none any more.</summary>
    /// <param name="grace">How long the user still counts as present.</param>
    public void End(TimeSpan grace)
    {
        List<Joined?> all;
        lock (_gate)
        {
            _ended = true;
            all = [.. _runs.Values];
            _runs.Clear();
        }
        foreach (var joined in all) joined?.End(grace);
    }

    public Dictionary<Guid, long> LastSequences()
    {
        lock (_gate)
            return _runs.Where(j => j.Value is not null).ToDictionary(j => j.Key, j => j.Value!.Feed.LastSequence, KeyedGuids.Instance);
    }

    /// <summary>A user has applied runs up to these numbers; those that are not joined are passed over.</summary>
    /// <returns>Whose mark has moved since this was asked last, by run.</returns>
    public Dictionary<Guid, IReadOnlyDictionary<string, long>> Saw(SeenReport report)
    {
        var moved = new Dictionary<Guid, IReadOnlyDictionary<string, long>>(KeyedGuids.Instance);
        lock (_gate)
        {
            foreach (var (runId, joined) in _runs)
            {
                if (joined?.Subscriber.Saw(report.Of(runId)) is { Count: > 0 } marks)
                    moved.Add(runId, marks.ToDictionary(mark => mark.UserId, mark => mark.Seen, StringComparer.Ordinal));
            }
        }
        return moved;
    }

    /// <summary>Up to which number the client has applied a run, as it said last; null: it has not said, or is not in it.</summary>
    public long? SeenIn(Guid runId) => Find(runId)?.Seen;

    private void DemandOpen()
    {
        if (_ended) throw new RefusedException(CollabErrorCode.Unavailable, "The connection has ended.");
    }

    private sealed record Joined(Feed Feed, HubSubscriber Subscriber)
    {
        public void End(TimeSpan grace = default)
        {
            Subscriber.Stop();
            Feed.Detach(Subscriber, asConnection: true, grace);
        }
    }
}
