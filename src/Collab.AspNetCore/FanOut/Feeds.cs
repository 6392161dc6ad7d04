using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// The feeds of the runs that are active on this server. A feed begins with the first reader and ends some time after the last.
/// </summary>
internal sealed partial class Feeds(
    IRunStore store, ServerLimits limits, FeedHealer healer, IFeedNews news, IOptions<CollabOptions> options, TimeProvider time,
    ILogger<Feeds> logger) : ICommitSink
{
    /// <summary>How many events of one run are read together with those of others; with more to read it comes again.</summary>
    private const int HealedAtOnce = 100;

    private readonly ConcurrentDictionary<Guid, FeedEntry> _entries = new(KeyedGuids.Instance);
    private readonly ConcurrentQueue<Feed> _waitingForTick = new();
    private readonly ConcurrentQueue<Subscriber> _beginning = new();
    private readonly List<Subscriber> _beginsNext = [];
    private readonly int _keep = options.Value.Retention.EventsPerRun;
    private readonly long _maxLagBytes = options.Value.Limits.SubscriberLagBytes;

    /// <summary>Lets a subscriber begin at least one whole tick from now.</summary>
    public void BeginAtATick(Subscriber subscriber) => _beginning.Enqueue(subscriber);

    /// <summary>A tick: ephemeral events leave, and who has waited for a whole one begins.</summary>
    public void Tick()
    {
        foreach (var subscriber in _beginsNext) subscriber.Begin();
        _beginsNext.Clear();
        while (_beginning.TryDequeue(out var subscriber)) _beginsNext.Add(subscriber);
        for (var waiting = _waitingForTick.Count; waiting > 0 && _waitingForTick.TryDequeue(out var feed); waiting--)
        {
            if (!feed.Tick()) news.PresenceAfter(feed.RunId, Find(feed.RunId));
        }
    }

    /// <summary>The feeds that have been loaded.</summary>
    public IEnumerable<Feed> Live => _entries.Values.Where(e => e.IsReady).Select(e => e.Feed);

    /// <summary>
    /// Whether a log that was written to is still the run's, as far as this server knows. Not knowing is no where others can erase.
    /// </summary>
    public bool IsCurrent(Guid runId, Guid epoch) => Find(runId) is { } feed ? feed.Epoch == epoch : !store.IsShared;

    /// <summary>The run's feed, read from the store if it was not asked for lately.</summary>
    /// <exception cref="RefusedException">
    /// <c>unavailable</c>: the store cannot be reached. <c>overloaded</c>: it has too much to read.
    /// </exception>
    public async ValueTask<Feed> GetAsync(Guid runId, CancellationToken cancellationToken)
    {
        // The load starts when the entry can be found: what is committed after the store was read then finds it, and what was before is
        // read.
        var entry = _entries.GetOrAdd(runId, NewEntry);
        entry.Feed.Touch();
        if (entry.IsReady && !entry.Feed.IsBehind) return entry.Feed;
        try
        {
            await entry.Loading.WaitAsync(cancellationToken);
            // What this server has acknowledged is in all that it answers from then on, and what was committed before it.
            if (entry.Feed.IsBehind) await HealAsync(entry.Feed, cancellationToken);
            // It held another log: the one that takes its place is read from the store.
            return entry.Feed.IsRetired && Find(runId) != entry.Feed ? await GetAsync(runId, cancellationToken) : entry.Feed;
        }
        catch (StoreException e)
        {
            LogLoadFailed(e);
            throw RefusedException.Unavailable();
        }
    }

    /// <summary>What a run looks like to a caller that has its events up to a position.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="after">The position.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <param name="isPoll">As in <see cref="Feed.Read"/>.</param>
    /// <param name="withPresence">As there.</param>
    /// <exception cref="RefusedException"><c>unavailable</c>.</exception>
    public async ValueTask<RunView> ReadAsync(
        Guid runId, long after, CancellationToken cancellationToken, bool isPoll = false, bool withPresence = false)
    {
        while (true)
        {
            var feed = await GetAsync(runId, cancellationToken);
            if (feed.Read(after, isPoll, withPresence) is { } view) return view;
            await MendAsync(feed, cancellationToken);
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, and from then on the subscriber gets what comes after.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>.</exception>
    public async ValueTask<(Feed Feed, RunView View)> AttachAsync(
        Guid runId, Subscriber subscriber, long after, bool asConnection, CancellationToken cancellationToken)
    {
        while (true)
        {
            var feed = await GetAsync(runId, cancellationToken);
            if (feed.Attach(subscriber, after, asConnection) is { } view) return (feed, view);
            await MendAsync(feed, cancellationToken);
        }
    }

    /// <summary>
    /// As <see cref="AttachAsync(Guid, Subscriber, long, bool, CancellationToken)"/> for one that gets its events in pieces.
    /// </summary>
    /// <exception cref="RefusedException"><c>unavailable</c>.</exception>
    public async ValueTask<(Feed Feed, RunView View)> AttachAsync(
        Guid runId, Subscriber subscriber, long after, long maxBytes, bool asConnection, CancellationToken cancellationToken)
    {
        while (true)
        {
            var feed = await GetAsync(runId, cancellationToken);
            if (feed.Attach(subscriber, after, maxBytes, asConnection) is { } view) return (feed, view);
            await MendAsync(feed, cancellationToken);
        }
    }

    /// <summary>Reads the events that a feed has let go of.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>.</exception>
    public ValueTask ReadBackAsync(Feed feed, CancellationToken cancellationToken) => MendAsync(feed, cancellationToken);

    /// <summary>
    /// Where to go on for a caller that knows only a position. One beyond the newest event that this server has may be another server's
    /// news, so the store is asked; beyond that too it is one in a log that was erased, and the start of this one, 0, is where to go on.
    /// </summary>
    /// <exception cref="RefusedException"><c>unavailable</c>.</exception>
    /// <exception cref="StoreException">The same.</exception>
    public async ValueTask<long> ResumeAtAsync(Guid runId, long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var feed = await GetAsync(runId, cancellationToken);
            if (after <= feed.LastSequence) return after;
            await HealAsync(feed, cancellationToken);
            if (!feed.IsRetired) return after <= feed.LastSequence ? after : 0;
            // It held another log, or was not used: the one that takes its place knows.
            await Task.Yield();
        }
    }

    /// <summary>The run's feed if there is one.</summary>
    public Feed? Find(Guid runId) => _entries.GetValueOrDefault(runId)?.Feed;

    /// <summary>Who asks for a run that is not active here finds in the store what was committed before.</summary>
    public bool Takes(Guid runId, string eventType) => _entries.ContainsKey(runId);

    /// <summary>Events were committed, by this server or another: those of active runs take their place.</summary>
    public void Committed(ReadOnlySpan<Commit> commits)
    {
        foreach (var (runId, epoch, e) in commits)
        {
            if (Find(runId) is { } feed) Settle(feed, feed.Committed(epoch, e), mayCross: true);
        }
    }

    /// <summary>Another server tells of events that it has committed; they are sent on at once.</summary>
    public void Arrived(ReadOnlySpan<Commit> commits)
    {
        Feed? last = null;
        foreach (var (runId, epoch, e) in commits)
        {
            if (last?.RunId != runId)
            {
                last?.Flush();
                last = Find(runId);
            }
            if (last is not null) Settle(last, last.Committed(epoch, e, isOwn: false), mayCross: true);
        }
        last?.Flush();
    }

    /// <summary>Another server tells how far a run's log is.</summary>
    public void Stands(Guid runId, Guid epoch, long sequence)
    {
        if (Find(runId) is { } feed && feed.IsShortOf(epoch, sequence))
            healer.RequestLater(this, feed, f => f.IsShortOf(epoch, sequence));
    }

    /// <summary>
    /// An event was found in the store after an attempt without an answer, or is another server's: the feed may not have seen it.
    /// </summary>
    public void Found(Guid runId, long sequence)
    {
        if (Find(runId) is { } feed && feed.Lacks(sequence)) healer.Request(this, feed);
    }

    /// <summary>Sends on what was committed.</summary>
    public void Flush(ReadOnlySpan<Commit> commits)
    {
        foreach (var commit in commits) Find(commit.RunId)?.Flush();
    }

    /// <summary>An ephemeral event; nobody misses it where nobody follows the run.</summary>
    public void Ephemeral(Guid runId, string eventType, string userId, string? userName, long timestamp, Guid messageId, byte[] data)
    {
        var feed = Find(runId);
        var isCursor = eventType == EventTypes.CursorMove;
        if (feed is null && (isCursor || news.IsAlone)) return;
        var json = EventJson.Write(runId, sequence: null, eventType, userId, userName, timestamp, messageId, data, signature: null, out _);
        // A cursor is a part of its user's presence, and is told to other servers with it.
        if (isCursor) feed!.Presence.MoveCursor(userId, JsonFields.GetString(data, "nodeId"u8), json);
        else
        {
            feed?.Ephemeral(json);
            news.Ephemeral(runId, json);
        }
    }

    /// <summary>Reads what a feed lacks from the store.</summary>
    /// <returns>Whether there was anything.</returns>
    public async ValueTask<bool> HealAsync(Feed feed, CancellationToken cancellationToken)
    {
        if (feed.IsRetired) return false;
        var after = feed.LastSequence;
        Settle(feed, feed.Load(await store.LoadAsync(feed.RunId, after, _keep, cancellationToken), after));
        feed.Flush();
        return feed.LastSequence > after;
    }

    /// <summary>As <see cref="HealAsync(Feed, CancellationToken)"/> for many, with one question to the store.</summary>
    /// <returns>How many lacked something.</returns>
    public async ValueTask<int> HealAsync(IEnumerable<Feed> some, CancellationToken cancellationToken)
    {
        var before = some.Where(f => !f.IsRetired).DistinctBy(f => f.RunId, KeyedGuids.Instance)
            .Select(f => (Feed: f, After: f.LastSequence, f.IsLive)).ToLookup(f => f.IsLive);
        var healed = 0;
        // One that waits for its first load takes all that the store has.
        foreach (var (feed, _, _) in before[false]) healed += await HealAsync(feed, cancellationToken) ? 1 : 0;
        if (!before.Contains(true)) return healed;
        var snapshots = await store.LoadAfterAsync([.. before[true].Select(f => (f.Feed.RunId, f.After))], HealedAtOnce, cancellationToken);
        foreach (var (feed, after, _) in before[true])
        {
            var snapshot = snapshots[feed.RunId];
            Settle(feed, feed.Load(snapshot, after));
            feed.Flush();
            if (feed.LastSequence > after) healed++;
            if (!feed.IsRetired && feed.Epoch == snapshot.Epoch && feed.Lacks(snapshot.LastSequence)) healer.Request(this, feed);
        }
        return healed;
    }

    /// <summary>This server has erased a run's log: its feed ends here, and on the other servers that say so within a moment.</summary>
    public Task ErasedAsync(Guid runId, CancellationToken cancellationToken)
    {
        Forget(runId, Ending.Erased);
        return news.ErasedAsync(runId, cancellationToken);
    }

    /// <summary>
    /// This server has begun a run's log at once with many events. A feed here that has found the run empty ends, and on other servers
    /// within a moment.
    /// </summary>
    public void Began(Guid runId, Guid epoch, long last)
    {
        if (Find(runId) is { } feed && feed.Epoch != epoch) Replaced(feed);
        news.Began(runId, epoch, last);
    }

    /// <summary>The run's log was erased: its feed ends, and who follows it comes back to a new one.</summary>
    public void Forget(Guid runId, Ending ending)
    {
        if (Find(runId) is { } feed) Forget(feed, ending);
    }

    /// <summary>The store has another log of the run than this feed: it ends, and who follows it comes back to a new one.</summary>
    public void Replaced(Feed feed) => Forget(feed, Ending.Replaced);

    /// <summary>Ends this feed unless it is in use.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="evenIfPolled">Whether who is there only by polls, and waits in none, does not count.</param>
    public bool TryEnd(Feed feed, bool evenIfPolled)
    {
        if (!feed.RetireIfUnused(evenIfPolled)) return false;
        Remove(feed);
        return true;
    }

    /// <param name="mayCross">Another server's message may be about to fill the gap: a moment's wait may save a question.</param>
    private void Settle(Feed feed, Placement placement, bool mayCross = false)
    {
        if (placement == Placement.Gap && mayCross && news.IsCovered(feed.RunId)) healer.RequestLater(this, feed, f => f.HasGap);
        else if (placement == Placement.Gap) healer.Request(this, feed);
        else if (placement == Placement.OtherLog) Replaced(feed);
    }

    /// <summary>Ends this feed, not one that has taken its place since it was looked up.</summary>
    private void Forget(Feed feed, Ending ending)
    {
        Remove(feed);
        LogForgotten(ending.Message);
        feed.Retire(ending);
    }

    private FeedEntry NewEntry(Guid runId)
    {
        var feed = new Feed(runId, _keep, _maxLagBytes, _waitingForTick, news, time);
        return new(feed, () => LoadAsync(feed));
    }

    /// <summary>A feed gave no view: it has ended, and the next one is another, or it has let go of events that are needed now.</summary>
    private async ValueTask MendAsync(Feed feed, CancellationToken cancellationToken)
    {
        if (feed.IsRetired || !_entries.TryGetValue(feed.RunId, out var entry) || entry.Feed != feed)
        {
            await Task.Yield();
            return;
        }
        try
        {
            await entry.TakeBack(() => TakeBackAsync(feed)).WaitAsync(cancellationToken);
        }
        catch (StoreException e)
        {
            LogLoadFailed(e);
            throw RefusedException.Unavailable();
        }
    }

    private async Task TakeBackAsync(Feed feed)
    {
        using var turn = await limits.StoreReads.TakeAsync(1, CancellationToken.None);
        Settle(feed, feed.TakeBack(await store.LoadAsync(feed.RunId, 0, _keep, CancellationToken.None)));
    }

    /// <summary>
    /// Shared by all who wait for the feed, so no caller's cancellation reaches it. A feed that cannot be loaded is taken out for the next
    /// to try.
    /// </summary>
    private async Task LoadAsync(Feed feed)
    {
        try
        {
            // Before the store is read, as it must be found before: else what is committed in between would be missed.
            await news.BeginAsync(feed.RunId);
            using (await limits.StoreReads.TakeAsync(1, CancellationToken.None))
                Settle(feed, feed.Load(await store.LoadAsync(feed.RunId, 0, _keep, CancellationToken.None), after: 0));
            if (!news.IsAlone) await news.BegunAsync(feed);
        }
        catch
        {
            Remove(feed);
            throw;
        }
    }

    /// <summary>Takes out this feed, not one that has taken its place.</summary>
    private void Remove(Feed feed)
    {
        if (!_entries.TryGetValue(feed.RunId, out var entry) || entry.Feed != feed) return;
        // Before the next feed of the run can begin.
        news.End(feed.RunId);
        _entries.TryRemove(KeyValuePair.Create(feed.RunId, entry));
    }

    [LoggerMessage(LogLevel.Warning, "A run could not be read from the store.")]
    private partial void LogLoadFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "A run's feed ended and its followers were cut off: {Reason}.")]
    private partial void LogForgotten(string reason);
}
