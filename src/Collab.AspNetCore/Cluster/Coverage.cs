using System.Collections.Concurrent;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// Which runs' commits on other servers are as good as certain to be heard of. After a connection, and after a subscription, messages may
/// still be lost for a while without a sign.
/// </summary>
internal sealed class Coverage(Members members, TimeProvider time)
{
    private static readonly TimeSpan AfterConnect = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AfterSubscribe = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, long> _subscribed = new(KeyedGuids.Instance);
    private long _reliableFrom = long.MaxValue;

    /// <summary>Whether the bus is connected, by its own word.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Whether it carries messages: it is connected, and what this server says on it comes back.</summary>
    public bool IsHeard => IsConnected && members.HearsItself;

    public bool IsCovered(Guid runId) =>
        IsConnected && members.HearsAll && time.GetTimestamp() >= Volatile.Read(ref _reliableFrom)
        && _subscribed.TryGetValue(runId, out var since) && time.GetElapsedTime(since) > AfterSubscribe;

    public void Connected()
    {
        IsConnected = true;
        Doubt();
    }

    public void Disconnected()
    {
        IsConnected = false;
        members.Deafened();
    }

    /// <summary>Something was lost, or may have been.</summary>
    public void Doubt() =>
        Volatile.Write(ref _reliableFrom, time.GetTimestamp() + time.TicksOf(AfterConnect));

    public void Subscribed(Guid runId) => _subscribed[runId] = time.GetTimestamp();

    public void Unsubscribed(Guid runId) => _subscribed.TryRemove(runId, out _);

    public bool IsSubscribed(Guid runId) => _subscribed.ContainsKey(runId);
}
