using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Draining;

/// <summary>
/// Drains when the host stops, before anything else of the server does. How long a stop may take is the host's own option; what it leaves
/// has to be enough for the drain, and for storing what is queued after it.
/// </summary>
internal sealed partial class DrainAtStop(
    Drain drain, DrainPlan plan, ConnectionMonitor monitor, LastWords lastWords,
    IHostApplicationLifetime lifetime, IOptions<HostOptions> host, ILogger<DrainAtStop> logger)
    : IHostedLifecycleService, IDisposable
{
    /// <summary>For what comes after the drain: last words, requests that are under way, the queue.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _timeout = host.Value.ShutdownTimeout;
    private CancellationTokenRegistration _stopping;

    private bool IsUnbounded => _timeout == Timeout.InfiniteTimeSpan;

    /// <summary>Half of a short time, all but the reserve of a long one.</summary>
    private TimeSpan Within => IsUnbounded ? TimeSpan.MaxValue : _timeout < Reserve * 2 ? _timeout / 2 : _timeout - Reserve;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(Stop);
        if (plan.Total > Within) LogTooShort(_timeout.TotalSeconds, plan.Total.TotalSeconds, (plan.Total + Reserve).TotalSeconds);
        return Task.CompletedTask;
    }

    /// <summary>What registers last is told first: SignalR, which has registered by now, closes all connections without a word.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _stopping.Dispose();
        _stopping = lifetime.ApplicationStopping.Register(Stop);
        return Task.CompletedTask;
    }

    /// <summary>Comes before <see cref="Stop"/> where the application stops the host, and while that waits where a signal does.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var hurry = cancellationToken.Register(drain.Hurry);
        await drain.StopAsync(Within);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    /// <summary>Blocks, since what is registered for a stop cannot be awaited, and nothing of the host stops before it returns.</summary>
    private void Stop()
    {
        drain.StopAsync(Within).GetAwaiter().GetResult();
        monitor.EndAll(Ending.Shutdown);
        lastWords.Wait();
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The host stops within {Timeout:0.#} s, its HostOptions.ShutdownTimeout. To let go of connections over {Total:0.#} s, as section "
        + "Collab:Drain says, it needs {Needed:0.#} s. A stop will be shorter than that.")]
    private partial void LogTooShort(double timeout, double total, double needed);
}
