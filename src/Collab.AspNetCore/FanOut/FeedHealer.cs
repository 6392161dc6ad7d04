using System.Threading.Channels;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Fills the gaps of feeds from the store, many with one question, and a few questions at a time. Each feed waits here at most once.
/// </summary>
internal sealed partial class FeedHealer(CollabMetrics metrics, TimeProvider time, ILogger<FeedHealer> logger) : BackgroundService
{
    private const int FeedsPerQuestion = 32;
    private const int QuestionsAtOnce = 3;
    private static readonly TimeSpan BetweenPasses = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Crossing = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly HashSet<(Feeds, Feed)> _waiting = [];
    private readonly HashSet<Feed> _crossing = [];
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Request(Feeds feeds, Feed feed)
    {
        lock (_gate) _waiting.Add((feeds, feed));
        _signal.Writer.TryWrite(true);
    }

    /// <summary>As <see cref="Request"/>, unless what is missing comes in the next moment: messages of two servers cross.</summary>
    public void RequestLater(Feeds feeds, Feed feed, Func<Feed, bool> isMissing)
    {
        lock (_gate)
        {
            if (!_crossing.Add(feed)) return;
        }
        _ = RequestAsync();

        async Task RequestAsync()
        {
            await Task.Delay(Crossing, time, CancellationToken.None).ConfigureAwait(false);
            lock (_gate) _crossing.Remove(feed);
            if (isMissing(feed)) Request(feeds, feed);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in _signal.Reader.ReadAllAsync(stoppingToken))
            {
                await Parallel.ForEachAsync(
                    TakeAll(), new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = stoppingToken },
                    (part, cancelled) => HealAsync(part.Feeds, part.Some, cancelled));
                // A feed that still has a gap is back already; the store is not to be asked without a pause.
                await Task.Delay(BetweenPasses, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Clients that were behind find their gap when they come back.
        }
    }

    private async ValueTask HealAsync(Feeds feeds, Feed[] some, CancellationToken stoppingToken)
    {
        try
        {
            for (var healed = await feeds.HealAsync(some, stoppingToken); healed > 0; healed--) metrics.Healed();
        }
        catch (StoreException e)
        {
            LogHealFailed(e);
            await Task.Delay(Pause, time, stoppingToken);
            foreach (var feed in some) Request(feeds, feed);
        }
    }

    private (Feeds Feeds, Feed[] Some)[] TakeAll()
    {
        lock (_gate)
        {
            (Feeds, Feed[])[] all =
            [
                .. from of in _waiting
                   group of.Item2 by of.Item1 into feeds
                   from part in feeds.Chunk(FeedsPerQuestion)
                   select (feeds.Key, part),
            ];
            _waiting.Clear();
            return all;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A run's missing events could not be read; trying again.")]
    private partial void LogHealFailed(Exception exception);
}
