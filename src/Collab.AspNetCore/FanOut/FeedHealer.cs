using System.Threading.Channels;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.FanOut;

/// <summary>Fills the gaps of feeds from the store, one after the other. Each feed waits here at most once.</summary>
internal sealed partial class FeedHealer(CollabMetrics metrics, TimeProvider time, ILogger<FeedHealer> logger) : BackgroundService
{
    private static readonly TimeSpan BetweenPasses = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly HashSet<(Feeds, Feed)> _waiting = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Request(Feeds feeds, Feed feed)
    {
        lock (_gate) _waiting.Add((feeds, feed));
        _signal.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in _signal.Reader.ReadAllAsync(stoppingToken))
            {
                foreach (var (feeds, feed) in TakeAll()) await HealAsync(feeds, feed, stoppingToken);
                // A feed that still has a gap is back already; the store is not to be asked without a pause.
                await Task.Delay(BetweenPasses, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Clients that were behind find their gap when they come back.
        }
    }

    private async Task HealAsync(Feeds feeds, Feed feed, CancellationToken stoppingToken)
    {
        try
        {
            if (await feeds.HealAsync(feed, stoppingToken)) metrics.Healed();
        }
        catch (StoreException e)
        {
            LogHealFailed(e);
            await Task.Delay(Pause, time, stoppingToken);
            Request(feeds, feed);
        }
    }

    private (Feeds Feeds, Feed Feed)[] TakeAll()
    {
        lock (_gate)
        {
            (Feeds, Feed)[] all = [.. _waiting];
            _waiting.Clear();
            return all;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A run's missing events could not be read; trying again.")]
    private partial void LogHealFailed(Exception exception);
}
