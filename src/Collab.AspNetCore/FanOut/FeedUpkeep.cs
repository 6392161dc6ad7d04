using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.FanOut;

/// <summary>What the feeds need every second: a look at what other servers have written, and an end to what is not used.</summary>
internal sealed class FeedUpkeep(
    Feeds feeds, IRunStore store, FeedHealer healer, IFeedNews news, IOptions<CollabOptions> options, TimeProvider time)
{
    /// <summary>Where other servers tell of what they write, the store is still asked now and then: it alone knows.</summary>
    private const int CoveredEvery = 15;

    /// <summary>A run without events is read again in no time, and there is no end of such runs that can be asked for.</summary>
    private static readonly TimeSpan EmptyUnusedFor = TimeSpan.FromSeconds(2);

    private readonly long _maxTailBytes = options.Value.Limits.TailBytes;
    private int _comparisons;

    /// <summary>
    /// Holds the feeds of a shared store against it: other servers' events that were not announced are read, and erased runs are noticed.
    /// Every second for those that no bus covers.
    /// </summary>
    public async ValueTask CompareWithStoreAsync(CancellationToken cancellationToken)
    {
        if (!store.IsShared) return;
        var coveredToo = _comparisons++ % CoveredEvery == 0;
        var before = feeds.Live.Where(f => coveredToo || !news.IsCovered(f.RunId))
            .ToDictionary(f => f.RunId, f => (Feed: f, f.LastSequence), KeyedGuids.Instance);
        if (before.Count == 0) return;
        var positions = (await store.GetPositionsAsync([.. before.Keys], cancellationToken))
            .ToDictionary(p => p.RunId, KeyedGuids.Instance);
        foreach (var (runId, (feed, last)) in before)
        {
            var isThere = positions.TryGetValue(runId, out var position);
            if (last > 0 && (!isThere || position.Epoch != feed.Epoch || position.LastSequence < last)) feeds.Replaced(feed);
            else if (isThere && position.LastSequence > feed.LastSequence) healer.Request(feeds, feed);
        }
    }

    /// <summary>
    /// Ends feeds that have not been used for a while, those of runs without events soon; the longest unused first, and sooner, if together
    /// they are too large. If the events of those that are followed are too large, they let go of them: live events need none, and who
    /// joins reads them again.
    /// </summary>
    public void Sweep(TimeSpan unusedFor)
    {
        var live = feeds.Live.OrderBy(f => f.UsedAt).ToList();
        var bytes = live.Sum(f => f.Bytes);
        var followed = new List<Feed>();
        foreach (var feed in live)
        {
            feed.Presence.Second(time.GetTimestamp());
            var isEmpty = feed.LastSequence == 0;
            var isTooLarge = bytes > _maxTailBytes;
            if (!isTooLarge && time.GetElapsedTime(feed.UsedAt) < (isEmpty ? EmptyUnusedFor : unusedFor)) continue;
            // Polls can name as many runs as reads can. Who really polls an empty run is there again with the next poll.
            if (feeds.TryEnd(feed, evenIfPolled: isEmpty && isTooLarge)) bytes -= feed.Bytes;
            else followed.Add(feed);
        }
        // Feeds weigh without their events too, and that cannot be let go of: however many there are, half of the room is for events, or
        // each join would read the store.
        var eventBytes = followed.Sum(f => f.EventBytes);
        foreach (var feed in followed.TakeWhile(_ => bytes > _maxTailBytes && eventBytes > _maxTailBytes / 2))
        {
            bytes -= feed.EventBytes;
            eventBytes -= feed.EventBytes;
            feed.LetGo();
        }
    }
}
