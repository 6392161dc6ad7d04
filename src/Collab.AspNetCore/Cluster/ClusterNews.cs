using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Presence;

namespace Collab.AspNetCore.Cluster;

/// <summary>What this server's feeds and writers tell the others: nothing while there is no other.</summary>
internal sealed class ClusterNews(ICollabBus bus, Outbound outbound, Members members, Coverage coverage, Asks asks, TimeProvider time)
    : IFeedNews, ICommitSink
{
    private static readonly TimeSpan SubscribedWithin = TimeSpan.FromSeconds(1);

    /// <summary>What was told last of this server's users, by run.</summary>
    private readonly ConcurrentDictionary<Guid, long> _told = new(KeyedGuids.Instance);
    private readonly Lock _gate = new();
    private long _version;

    /// <summary>Runs of which something was told since <see cref="TakeTold"/>: it may have been lost.</summary>
    private ConcurrentDictionary<Guid, byte> _recent = new(KeyedGuids.Instance);

    public bool IsAlone => members.IsAlone;

    public bool IsCovered(Guid runId) => coverage.IsCovered(runId);

    public async ValueTask BeginAsync(Guid runId)
    {
        if (coverage.IsSubscribed(runId)) return;
        try
        {
            using var limit = new CancellationTokenSource(SubscribedWithin, time);
            if (coverage.IsConnected) await SubscribeAsync(runId, limit.Token);
        }
        catch (Exception)
        {
            // Whatever the bus says: the store is asked every second then, and the subscription is tried again.
        }
    }

    public ValueTask BegunAsync(Feed feed)
    {
        if (!coverage.IsConnected) return default;
        var others = members.Others.Where(m => !m.IsLeaving).Select(m => m.Id);
        return asks.WaitAsync(feed.RunId, others, () => outbound.Add(NewsKind.WhoIsThere, feed.RunId, [], toAll: true));
    }

    public void End(Guid runId)
    {
        if (!coverage.IsSubscribed(runId)) return;
        coverage.Unsubscribed(runId);
        _told.TryRemove(runId, out _);
        bus.Unsubscribe(runId);
    }

    public void Ephemeral(Guid runId, byte[] json)
    {
        if (!IsAlone) outbound.Add(NewsKind.Ephemeral, runId, json, toAll: false);
    }

    public void Presence(Guid runId, IReadOnlyList<Attendance> changes)
    {
        if (IsAlone) return;
        _recent[runId] = 0;
        lock (_gate) Tell(runId, changes, isWhole: false);
    }

    /// <summary>Tells all of this server's users in a run, none if there is no feed.</summary>
    public void TellWhole(Guid runId, Feed? feed)
    {
        // What is read here is as new as its version.
        lock (_gate) Tell(runId, feed?.OwnPart() ?? [], isWhole: true);
    }

    /// <summary>A run was erased on this server.</summary>
    public void Erased(Guid runId)
    {
        if (!IsAlone) outbound.Add(NewsKind.Erased, runId, [], toAll: true);
    }

    /// <summary>The runs of which something was told since the last time.</summary>
    public IEnumerable<Guid> TakeTold() => Interlocked.Exchange(ref _recent, new(KeyedGuids.Instance)).Keys;

    // Other servers are told of all types, and of runs that are not active here.
    bool ICommitSink.Takes(Guid runId, string eventType) => !IsAlone;

    void ICommitSink.Committed(ReadOnlySpan<Commit> commits)
    {
        // Their publishers first.
    }

    void ICommitSink.Found(Guid runId, long sequence)
    {
        // Who committed it has told of it.
    }

    void ICommitSink.Flush(ReadOnlySpan<Commit> commits)
    {
        if (!IsAlone) outbound.Add(commits);
    }

    private async Task SubscribeAsync(Guid runId, CancellationToken cancellationToken)
    {
        await bus.SubscribeAsync(runId, cancellationToken);
        coverage.Subscribed(runId);
    }

    /// <summary>In messages as long as the bus takes them.</summary>
    private void Tell(Guid runId, IReadOnlyList<Attendance> some, bool isWhole)
    {
        var room = bus.MaxMessageBytes - Envelope.HeadBytes - Envelope.HmacBytes - 16;
        var (at, first) = (0, true);
        while (first || at < some.Count)
        {
            var part = new List<Attendance>();
            for (var bytes = 0; at < some.Count && (part.Count == 0 || bytes + AttendanceForm.BytesOf(some[at]) <= room); at++)
            {
                part.Add(some[at]);
                bytes += AttendanceForm.BytesOf(some[at]);
            }
            var version = Interlocked.Increment(ref _version);
            var before = _told.GetValueOrDefault(runId);
            _told[runId] = version;
            var body = AttendanceForm.Write(isWhole && first, before, part);
            outbound.Add(NewsKind.Presence, runId, body, toAll: false, version, part.Count);
            first = false;
        }
    }
}
