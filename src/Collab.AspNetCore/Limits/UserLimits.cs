using System.Collections.Concurrent;
using System.Globalization;
using Collab.AspNetCore.Access;
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
/// servers. Agents have limits of their own; one who is now this and now that has either.
/// </summary>
internal sealed class UserLimits(IOptions<CollabOptions> options, ConnectionCounts connections, TimeProvider time)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);
    private static readonly string[] Names = ["joins", "polls", "replays", "past states", "lists of runs", "pings", "branches"];

    /// <summary>When to try again for a connection. A guess: nobody knows when another one ends.</summary>
    private static readonly TimeSpan ConnectAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Buckets> _people = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Buckets> _agents = new(StringComparer.Ordinal);
    private readonly LimitOptions _ofPeople = options.Value.Limits;
    private readonly LimitOptions _ofAgents = options.Value.Limits.For(ParticipantKind.Agent);
    private readonly TimeProvider _time = time;

    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public void TakePublish(Caller user)
    {
        var buckets = For(user);
        Take(buckets.PublishPerSecond, "events");
        if (buckets.PublishPerMinute is { } window && !window.TryTake(out var retryAfter)) throw TooMany("events", retryAfter);
    }

    /// <summary>Takes as many of so many publishes as are allowed now.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="refusal">Why the others are not allowed: <c>rate_limited</c>. Null: all are.</param>
    public int TakePublishes(Caller user, int count, out RefusedException? refusal)
    {
        var buckets = For(user);
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
    public void TakeAllPublishes(Caller user, int count)
    {
        var buckets = For(user);
        var most = Math.Min(buckets.PublishPerSecond?.Capacity ?? int.MaxValue, buckets.PublishPerMinute?.Limit ?? int.MaxValue);
        if (count > most)
            throw RefusedException.Invalid($"events: an atomic batch can have {most} events, as many as a user may publish at once.");
        if (buckets.PublishPerSecond?.TryTake(out var retryAfter, count) == false) throw TooMany("events", retryAfter);
        if (buckets.PublishPerMinute?.TryTake(out var windowAfter, count) != false) return;
        buckets.PublishPerSecond?.GiveBack(count);
        throw TooMany("events", windowAfter);
    }

    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public void TakeCursorMove(Caller user) => Take(For(user).CursorPerSecond, "cursor moves");

    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public void Take(Caller user, Reading reading) => Take(For(user).Readings[(int)reading], Names[(int)reading]);

    /// <summary>Counts one more connection of a user, hub, stream or a poll that waits, until the result is disposed.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>.</exception>
    public IDisposable Connect(Caller user) =>
        connections.TryAdd(user.UserId, MostConnectionsOf(user))
            ? new Connection(user.UserId, connections)
            : throw TooManyConnections(user);

    /// <summary>Counts a connection that is too many, and is let in only to be told so.</summary>
    public IDisposable ConnectBeyond(Caller user)
    {
        connections.TryAdd(user.UserId, most: 0);
        return new Connection(user.UserId, connections);
    }

    /// <summary>Whether a user has so many connections more than are allowed.</summary>
    public bool IsBeyond(Caller user, int more) =>
        MostConnectionsOf(user) is > 0 and var most && connections.Of(user.UserId) >= most + more;

    /// <summary>What a connection is told that is too many.</summary>
    public RefusedException TooManyConnections(Caller user)
    {
        var message = $"A user can have {MostConnectionsOf(user)} connections at a time.";
        return new(CollabErrorCode.RateLimited, message, ConnectAgainAfter) { Ending = EndingCode.TooMany };
    }

    /// <summary>Forgets users who have been quiet so long that their buckets are full again.</summary>
    public void Sweep()
    {
        var now = _time.GetTimestamp();
        foreach (var users in new[] { _people, _agents })
        {
            foreach (var (userId, buckets) in users)
            {
                if (_time.GetElapsedTime(buckets.UsedAt, now) > Idle) users.TryRemove(KeyValuePair.Create(userId, buckets));
            }
        }
    }

    /// <summary>How many connections a user may have; 0: any number.</summary>
    public int MostConnectionsOf(Caller user) => LimitsOf(user).ConnectionsPerUser;

    private LimitOptions LimitsOf(Caller user) => user.Kind == ParticipantKind.Agent ? _ofAgents : _ofPeople;

    private Buckets For(Caller user)
    {
        var users = user.Kind == ParticipantKind.Agent ? _agents : _people;
        var buckets = users.GetOrAdd(
            user.UserId, static (_, its) => new Buckets(its.Limits, its.Owner), (Limits: LimitsOf(user), Owner: this));
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
