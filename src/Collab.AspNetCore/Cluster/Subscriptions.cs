using Collab.AspNetCore.Events;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Cluster;

/// <summary>What of the bus this server hears: the runs that are active here, and what is for this server alone.</summary>
internal sealed partial class Subscriptions(ICollabBus bus, Coverage coverage, TimeProvider time, ILogger<Subscriptions> logger)
{
    private static readonly TimeSpan SubscribedWithin = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    /// <summary>The newest attempt to subscribe to each, while it is under way and what it is for has not ended.</summary>
    private readonly Dictionary<Guid, object> _beginning = new(KeyedGuids.Instance);

    /// <summary>Hears of a run, or of a server, from here on, as far as the bus can. Bounded in time.</summary>
    public async ValueTask BeginAsync(Guid id)
    {
        if (!coverage.IsConnected || coverage.IsSubscribed(id)) return;
        var attempt = new object();
        lock (_gate) _beginning[id] = attempt;
        try
        {
            using var limit = new CancellationTokenSource(SubscribedWithin, time);
            await bus.SubscribeAsync(id, limit.Token);
            Subscribed(id, attempt);
        }
        catch (Exception e)
        {
            // Whatever the bus says: the store is asked every second then, and the subscription is tried again.
            Failed(id, attempt);
            LogSubscribeFailed(e);
        }
    }

    /// <summary>Hears of a run no more.</summary>
    public void End(Guid id)
    {
        lock (_gate)
        {
            _beginning.Remove(id);
            if (!coverage.IsSubscribed(id)) return;
            // In this order: what begins in between takes the run for subscribed, and is subscribed within a second. The other way round
            // the bus would end a subscription that has just begun, and all would believe in it.
            bus.Unsubscribe(id);
            coverage.Unsubscribed(id);
        }
    }

    /// <summary>
    /// An attempt has succeeded. If it was for what has ended since, the bus may have ended it too: it is not believed in.
    /// </summary>
    private void Subscribed(Guid id, object attempt)
    {
        lock (_gate)
        {
            if (_beginning.TryGetValue(id, out var newest))
            {
                if (newest != attempt) return;
                _beginning.Remove(id);
                coverage.Subscribed(id);
            }
            else if (!coverage.IsSubscribed(id))
            {
                bus.Unsubscribe(id);
            }
        }
    }

    /// <summary>An attempt has failed. A newer one may still be under way.</summary>
    private void Failed(Guid id, object attempt)
    {
        lock (_gate)
        {
            if (_beginning.GetValueOrDefault(id) == attempt) _beginning.Remove(id);
        }
    }

    [LoggerMessage(LogLevel.Debug, "A run's messages could not be subscribed to in time.")]
    private partial void LogSubscribeFailed(Exception exception);
}
