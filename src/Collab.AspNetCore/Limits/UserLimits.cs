using System.Collections.Concurrent;
using System.Globalization;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Limits;

/// <summary>What has a rate of its own beside events and cursor moves.</summary>
internal enum Reading
{
    Join,
    Poll,
    Replay,
    PastState,
    List,
    Ping,
    Branch,
}

/// <summary>
/// How much each user may send and ask for, over all connections and HTTP together, and how many connections a user may have, on all
/// servers.
/// </summary>
internal sealed class UserLimits(IOptions<CollabOptions> options, ConnectionCounts connections, TimeProvider time)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);
    private static readonly string[] Names = ["joins", "polls", "replays", "past states", "lists of runs", "pings", "branches"];

    /// <summary>When to try again for a connection. A guess: nobody knows when another one ends.</summary>
    private static readonly TimeSpan ConnectAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Buckets> _users = new(StringComparer.Ordinal);
    private readonly LimitOptions _limits = options.Value.Limits;
    private readonly TimeProvider _time = time;

    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public void TakePublish(string userId)
    {
        var buckets = For(userId);
        Take(buckets.PublishPerSecond, "events");
        if (buckets.PublishPerMinute is { } window && !window.TryTake(out var retryAfter)) throw TooMany("events", retryAfter);
    }

    /// <summary>Takes as many of so many publishes as are allowed now.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="refusal">Why the others are not allowed: <c>rate_limited</c>. Null: all are.</param>
    public int TakePublishes(string userId, int count, out RefusedException? refusal)
    {
        var buckets = For(userId);
        var retryAfter = TimeSpan.Zero;
        var allowed = buckets.PublishPerSecond?.TakeUpTo(count, out retryAfter) ?? count;
        var taken = allowed;
        if (buckets.PublishPerMinute?.TakeUpTo(allowed, out var windowAfter) is { } inMinute && inMinute < allowed)
        {
            (taken, retryAfter) = (inMinute, windowAfter);
            buckets.PublishPerSecond?.GiveBack(allowed - taken);
        }
        refusal = taken == count ? null : TooMany("events", retryAfter);
        return taken;
    }

    /// <summary>Takes so many publishes, all or none.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>. <c>invalid_event</c>: so many are never allowed at once.</exception>
    public void TakeAllPublishes(string userId, int count)
    {
        var buckets = For(userId);
        var most = Math.Min(buckets.PublishPerSecond?.Capacity ?? int.MaxValue, buckets.PublishPerMinute?.Limit ?? int.MaxValue);
        if (count > most)
            throw RefusedException.Invalid($"events: an atomic batch can have {most} events, as many as a user may publish at once.");
        if (buckets.PublishPerSecond?.TryTake(out var retryAfter, count) == false) throw TooMany("events", retryAfter);
        if (buckets.PublishPerMinute?.TryTake(out var windowAfter, count) != false) return;
        buckets.PublishPerSecond?.GiveBack(count);
        throw TooMany("events", windowAfter);
    }

    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public void TakeCursorMove(string userId) => Take(For(userId).CursorPerSecond, "cursor moves");

    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public void Take(string userId, Reading reading) => Take(For(userId).Readings[(int)reading], Names[(int)reading]);

    /// <summary>Counts one more connection of a user, hub, stream or a poll that waits, until the result is disposed.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public IDisposable Connect(string userId) =>
        connections.TryAdd(userId, _limits.ConnectionsPerUser) ? new Connection(userId, connections) : throw TooManyConnections();

    /// <summary>Counts a connection that is too many, and is let in only to be told so.</summary>
    public IDisposable ConnectBeyond(string userId)
    {
        connections.TryAdd(userId, most: 0);
        return new Connection(userId, connections);
    }

    /// <summary>Whether a user has so many connections more than are allowed.</summary>
    public bool IsBeyond(string userId, int more) =>
        _limits.ConnectionsPerUser > 0 && connections.Of(userId) >= _limits.ConnectionsPerUser + more;

    /// <summary>What a connection is told that is too many.</summary>
    public RefusedException TooManyConnections()
    {
        var message = $"A user can have {_limits.ConnectionsPerUser} connections at a time.";
        return new(CollabErrorCode.RateLimited, message, ConnectAgainAfter) { Ending = EndingCode.TooMany };
    }

    /// <summary>Forgets users who have been quiet so long that their buckets are full again.</summary>
    public void Sweep()
    {
        var now = _time.GetTimestamp();
        foreach (var (userId, buckets) in _users)
        {
            if (_time.GetElapsedTime(buckets.UsedAt, now) > Idle) _users.TryRemove(KeyValuePair.Create(userId, buckets));
        }
    }

    private Buckets For(string userId)
    {
        var buckets = _users.GetOrAdd(userId, static (_, self) => new Buckets(self._limits, self), this);
        buckets.UsedAt = _time.GetTimestamp();
        return buckets;
    }

    private static void Take(TokenBucket? bucket, string what)
    {
        if (bucket is not null && !bucket.TryTake(out var retryAfter)) throw TooMany(what, retryAfter);
    }

    private static RefusedException TooMany(string what, TimeSpan retryAfter) => new(
        CollabErrorCode.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"Too many {what}. Try again in {retryAfter.TotalSeconds:0.0} s."), retryAfter);

    private TokenBucket? Bucket(double perSecond, double capacity) => perSecond > 0 ? new(perSecond, Math.Max(1, capacity), _time) : null;

    private sealed class Connection(string userId, ConnectionCounts owner) : IDisposable
    {
        private ConnectionCounts? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Remove(userId);
    }

    private sealed class Buckets(LimitOptions limits, UserLimits owner)
    {
        public long UsedAt { get; set; }

        public TokenBucket? PublishPerSecond { get; } = owner.Bucket(limits.PublishPerSecond, limits.PublishBurst);

        public MinuteWindow? PublishPerMinute { get; } = limits.PublishPerMinute > 0 ? new(limits.PublishPerMinute, owner._time) : null;

        public TokenBucket? CursorPerSecond { get; } = owner.Bucket(limits.CursorPerSecond, limits.CursorPerSecond);

        /// <summary>In the order of <see cref="Reading"/>.</summary>
        public TokenBucket?[] Readings { get; } =
        [
            .. new[] { limits.JoinPerSecond, limits.PollPerSecond, limits.ReplayPerSecond,
                limits.PastStatePerSecond, limits.ListPerSecond, limits.PingPerSecond }
                .Select(perSecond => owner.Bucket(perSecond, perSecond * LimitOptions.ReadBurstSeconds)),
            owner.Bucket(limits.BranchPerMinute / 60.0, limits.BranchPerMinute),
        ];
    }
}
