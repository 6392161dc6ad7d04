using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Presence;

namespace Collab.AspNetCore.Cluster;

/// <summary>What this server's feeds and writers tell the others: nothing while there is no other.</summary>
internal sealed class ClusterNews(
    ICollabBus bus, Subscriptions subscriptions, Outbound outbound, Members members, Coverage coverage, Asks asks, Questions questions,
    TimeProvider time) : IFeedNews, ICommitSink
{
    private static readonly TimeSpan KnownWithin = TimeSpan.FromMilliseconds(250);

    /// <summary>A busy server may take so long; one that is dead holds up the first join of a run, and only until it is missed.</summary>
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ToldFor = TimeSpan.FromSeconds(60);

    /// <summary>What was told last of this server's users, by run.</summary>
    private readonly ConcurrentDictionary<Guid, (long Version, long At)> _told = new(KeyedGuids.Instance);
    private readonly Lock _gate = new();
    private long _version;

    public bool IsAlone => members.IsAlone;

    public bool IsCovered(Guid runId) => coverage.IsCovered(runId);

    public ValueTask BeginAsync(Guid runId) => subscriptions.BeginAsync(runId);

    public ValueTask BegunAsync(Feed feed)
    {
        if (!coverage.IsConnected) return default;
        // A server that has just begun does not know yet whom it asks.
        var (asked, atMost) = members.IsSettled ? (members.Speaking, AnsweredWithin) : ([.. members.Speaking, Guid.Empty], KnownWithin);
        return asks.WaitAsync(feed.RunId, asked, atMost, () => outbound.Add(NewsKind.WhoIsThere, feed.RunId, [], toAll: true));
    }

    public void End(Guid runId) => subscriptions.End(runId);

    public void Ephemeral(Guid runId, byte[] json)
    {
        if (!IsAlone) outbound.Add(NewsKind.Ephemeral, runId, json, toAll: false);
    }

    public void Presence(Guid runId, PresenceNews news)
    {
        lock (_gate)
        {
            if (!IsAlone) Tell(runId, news, isWhole: false);
            // A server that comes later learns from the version that there is something.
            else _told[runId] = (Interlocked.Increment(ref _version), time.GetTimestamp());
        }
    }

    public void PresenceAfter(Guid runId, Feed? feed)
    {
        if (!IsAlone) TellWhole(runId, feed);
        else lock (_gate) _told[runId] = (Interlocked.Increment(ref _version), time.GetTimestamp());
    }

    /// <summary>
    /// Tells all of this server's users in a run, none if there is no feed, and before them those whose server has ended in order.
    /// </summary>
    public void TellWhole(Guid runId, Feed? feed)
    {
        foreach (var (server, left) in feed is null ? [] : members.DepartedAt(time.GetTimestamp()))
        {
            foreach (var some in Pieces(feed!.Presence.PartOf(server)))
                outbound.Add(NewsKind.Kept, runId, AttendanceForm.WriteKept(server, left, some), toAll: false, count: some.Count);
        }
        // What is read here is as new as its version.
        lock (_gate) Tell(runId, feed?.Presence.OwnPart() ?? new(Guid.Empty, [], []), isWhole: true);
    }

    public Task ErasedAsync(Guid runId, CancellationToken cancellationToken) =>
        questions.OrderAsync(NewsKind.Erased, runId, [], cancellationToken);

    public void Began(Guid runId, Guid epoch, long last)
    {
        if (!IsAlone) outbound.Began(new(runId, epoch, last));
    }

    /// <summary>
    /// Tells the version of what was told last of each run: those who have missed something ask. Of a run that is not active here any more,
    /// only for a while.
    /// </summary>
    /// <param name="feeds">The runs that are active.</param>
    public void TellVersions(Feeds feeds)
    {
        foreach (var (runId, told) in _told)
        {
            if (time.GetElapsedTime(told.At) > ToldFor && feeds.Find(runId) is null) _told.TryRemove(KeyValuePair.Create(runId, told));
        }
        if (!IsAlone) outbound.TellRows(NewsKind.Versions, _told.Select(t => new Position(t.Key, Guid.Empty, t.Value.Version)));
    }

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

    private void Tell(Guid runId, in PresenceNews news, bool isWhole)
    {
        List<List<Attendance>> pieces = news.Users.Count == 0 && news.Marks.Count == 0 ? [[]] : [.. Pieces(news.Users)];
        foreach (var (index, piece) in pieces.Index())
            Tell(runId, isWhole ? ExtentOf(index, pieces.Count) : Extent.Changes, new(news.Epoch, piece, Marks: []));
        foreach (var marks in Pieces(news.Marks, AttendanceForm.BytesOf)) Tell(runId, Extent.Changes, new(news.Epoch, Users: [], marks));
    }

    private void Tell(Guid runId, Extent extent, in PresenceNews piece)
    {
        var version = Interlocked.Increment(ref _version);
        var before = _told.GetValueOrDefault(runId).Version;
        _told[runId] = (version, time.GetTimestamp());
        outbound.Add(NewsKind.Presence, runId, AttendanceForm.Write(extent, before, piece), toAll: false, version, piece.Users.Count);
    }

    private static Extent ExtentOf(int index, int count) =>
        count == 1 ? Extent.All : index == 0 ? Extent.First : index < count - 1 ? Extent.Next : Extent.Last;

    private IEnumerable<List<Attendance>> Pieces(IReadOnlyList<Attendance> some) => Pieces(some, one => AttendanceForm.BytesOf(one));

    /// <summary>As many at a time as one message of the bus has room for.</summary>
    private IEnumerable<List<T>> Pieces<T>(IReadOnlyList<T> some, Func<T, int> bytesOf)
    {
        var room = Envelope.RoomOn(bus) - AttendanceForm.HeadBytes;
        for (var at = 0; at < some.Count;)
        {
            var piece = new List<T>();
            for (var bytes = 0; at < some.Count && (piece.Count == 0 || bytes + bytesOf(some[at]) <= room); at++)
            {
                piece.Add(some[at]);
                bytes += bytesOf(some[at]);
            }
            yield return piece;
        }
    }
}
