using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Signatures;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// The clock of the feeds: sends ephemeral events on in ticks, compares with the store every second, and puts away what is not used.
/// </summary>
internal sealed partial class FeedTicker(
    Feeds feeds, FeedUpkeep upkeep, UserLimits limits, PublishSignatures signatures, TimeProvider time, ILogger<FeedTicker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnusedFor = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(TickAsync(stoppingToken), TidyAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Nothing that ticks here outlives the server.
        }
    }

    private async Task TickAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) feeds.Tick();
    }

    private async Task TidyAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Second, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            upkeep.Sweep(UnusedFor);
            limits.Sweep();
            signatures.Sweep();
            try
            {
                await upkeep.CompareWithStoreAsync(stoppingToken);
            }
            catch (StoreException e)
            {
                LogCompareFailed(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "The store could not be compared with; the next second tries again.")]
    private partial void LogCompareFailed(Exception exception);
}
