using Collab.AspNetCore.Store;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.FanOut;

/// <summary>What the feeds need every second: a look at what other servers have written, and an end to what nobody uses.</summary>
internal sealed class FeedUpkeep(Feeds feeds, IRunStore store, FeedHealer healer, IOptions<CollabOptions> options, TimeProvider time)
{
    private readonly long _maxTailBytes = options.Value.Limits.TailBytes;

    /// <summary>Holds the feeds of a shared store against it: other servers' events that nobody told us of are read, and erased runs are noticed.</summary>
    public async ValueTask CompareWithStoreAsync(CancellationToken cancellationToken)
    {
        if (!store.IsShared) return;
        var before = feeds.Live.ToDictionary(f => f.RunId, f => (Feed: f, f.LastSequence));
        if (before.Count == 0) return;
        var positions = (await store.GetPositionsAsync([.. before.Keys], cancellationToken)).ToDictionary(p => p.RunId);
        foreach (var (runId, (feed, last)) in before)
        {
            var isThere = positions.TryGetValue(runId, out var position);
            if (last > 0 && (!isThere || position.Epoch != feed.Epoch || position.LastSequence < last)) feeds.Replaced(feed);
            else if (isThere && position.LastSequence > feed.LastSequence) healer.Request(feeds, feed);
        }
    }

    /// <summary>
    /// Ends feeds that nobody has used for a while; the longest unused first, and sooner, if together they are too large. If those that are
    /// followed are too large, they let go of their events: live events need none, and who joins reads them again.
    /// </summary>
    public void Sweep(TimeSpan unusedFor)
    {
        var followed = new List<Feed>();
        var live = feeds.Live.OrderBy(f => f.UsedAt).ToList();
        var bytes = live.Sum(f => f.Bytes);
        foreach (var feed in live)
        {
            feed.ExpirePolls(time.GetUtcNow());
            if (bytes <= _maxTailBytes && time.GetElapsedTime(feed.UsedAt) < unusedFor) continue;
            if (feeds.TryEnd(feed)) bytes -= feed.Bytes;
            else followed.Add(feed);
        }
        foreach (var feed in followed.TakeWhile(_ => bytes > _maxTailBytes))
        {
            bytes -= feed.Bytes;
            feed.LetGo();
        }
    }
}
