using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Ready means: the store can be read and written as it is needed. It is asked once a second at most, however many ask here, for anybody
/// may.
/// </summary>
internal sealed class StoreHealthCheck(IRunStore store, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult>? _last;
    private long _asked;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            // Who comes while the store is being asked gets that answer too: it is no older than a second when it comes, or it is still the
            // newest.
            if (_last is null || (_last.IsCompleted && time.GetElapsedTime(_asked) >= HoldsFor))
            {
                _asked = time.GetTimestamp();
                // Not on the caller's time: what the caller gives up others wait for.
                _last = Task.Run(AskAsync, CancellationToken.None);
            }
            return _last.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthCheckResult> AskAsync()
    {
        try
        {
            await store.CheckAsync(CancellationToken.None);
            return HealthCheckResult.Healthy();
        }
        catch (StoreException e)
        {
            return HealthCheckResult.Unhealthy("The store cannot be read and written as it is needed.", e);
        }
    }
}
