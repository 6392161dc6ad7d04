using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Store;

/// <summary>Brings the schema up to date before anything else starts. A store that is just coming up itself is waited for.</summary>
internal sealed partial class StoreStartup(IRunStore store, IOptions<CollabOptions> options, TimeProvider time, ILogger<StoreStartup> logger) : IHostedService
{
    private static readonly TimeSpan WaitFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Store.MigrateOnStart) await MigrateAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await store.MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is System.Data.Common.DbException { IsTransient: true } && time.GetElapsedTime(started) < WaitFor)
            {
                LogWaiting(e.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store is not ready yet ({Reason}); trying again.")]
    private partial void LogWaiting(string reason);
}

/// <summary>Ready means: the store answers.</summary>
internal sealed class StoreHealthCheck(IRunStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (StoreException e)
        {
            return HealthCheckResult.Unhealthy("The store cannot be reached.", e);
        }
    }
}
