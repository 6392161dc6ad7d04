using Microsoft.Extensions.Hosting;

namespace Collab.AspNetCore.Monitoring;

/// <summary>Forgets, once a minute, the connections that ended more than an hour ago.</summary>
internal sealed class StaleConnections(ConnectionMonitor monitor, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pass = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pass, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) monitor.ForgetStale(MaxAge);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is remembered ends with the process.
        }
    }
}
