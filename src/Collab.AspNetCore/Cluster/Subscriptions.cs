using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Cluster;

/// <summary>What of the bus this server hears: the runs that are active here, and what is for this server alone.</summary>
internal sealed partial class Subscriptions(ICollabBus bus, Coverage coverage, TimeProvider time, ILogger<Subscriptions> logger)
{
    private static readonly TimeSpan SubscribedWithin = TimeSpan.FromSeconds(1);

    /// <summary>Hears of a run, or of a server, from here on, as far as the bus can. Bounded in time.</summary>
    public async ValueTask BeginAsync(Guid id)
    {
        if (!coverage.IsConnected || coverage.IsSubscribed(id)) return;
        try
        {
            using var limit = new CancellationTokenSource(SubscribedWithin, time);
            await bus.SubscribeAsync(id, limit.Token);
            coverage.Subscribed(id);
        }
        catch (Exception e)
        {
            // Whatever the bus says: the store is asked every second then, and the subscription is tried again.
            LogSubscribeFailed(e);
        }
    }

    /// <summary>Hears of a run no more.</summary>
    public void End(Guid id)
    {
        if (!coverage.IsSubscribed(id)) return;
        // In this order: what begins in between takes the run for subscribed, and is subscribed within a second. The other way round the
        // bus would end a subscription that has just begun, and all would believe in it.
        bus.Unsubscribe(id);
        coverage.Unsubscribed(id);
    }

    [LoggerMessage(LogLevel.Debug, "A run's messages could not be subscribed to in time.")]
    private partial void LogSubscribeFailed(Exception exception);
}
