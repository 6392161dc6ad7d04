using Collab.AspNetCore.Events;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Keeps each run at its newest events, in the background and a little late: a run is trimmed when it has grown by <see cref="Slack"/>, at
/// most once per pass, so that a busy run pays for one delete per pass and a quiet one for none.
/// </summary>
internal sealed partial class Trimmer(
    IRunStore store, CollabMetrics metrics, IOptions<CollabOptions> options, TimeProvider time, ILogger<Trimmer> logger) : BackgroundService
{
    private const int Slack = 100;
    private static readonly TimeSpan Pass = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly int _keep = options.Value.Retention.EventsPerRun;
    private readonly int _slack = options.Value.Retention.HandlerSlack;
    private HashSet<Guid> _due = new(KeyedGuids.Instance);

    /// <summary>
    /// An event was committed. Going by its number alone needs no memory of runs, and holds over restarts and many servers.
    /// </summary>
    public void Note(Guid runId, long sequence)
    {
        if (sequence <= _keep || (sequence - _keep) % Slack != 0) return;
        lock (_gate) _due.Add(runId);
    }

    /// <summary>A handler has come to the end of a run, which may have been kept longer for it.</summary>
    public void NoteHandled(Guid runId, long kept)
    {
        if (kept <= _keep + Slack) return;
        lock (_gate) _due.Add(runId);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pass, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await TrimDueAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is due now will be due again with the run's next events.
        }
    }

    private async Task TrimDueAsync(CancellationToken stoppingToken)
    {
        HashSet<Guid> due;
        lock (_gate)
        {
            if (_due.Count == 0) return;
            (due, _due) = (_due, new(KeyedGuids.Instance));
        }
        StoreException? failure = null;
        foreach (var runId in due)
        {
            try
            {
                var trimmed = await store.TrimAsync(runId, _keep, _slack, stoppingToken);
                metrics.Trimmed(trimmed);
                if (trimmed < IRunStore.TrimmedAtOnce) continue;
                lock (_gate) _due.Add(runId);
            }
            catch (StoreException e)
            {
                // This run again in the next pass; the others do not wait for it.
                failure ??= e;
                lock (_gate) _due.Add(runId);
            }
        }
        if (failure is not null) LogTrimFailed(failure);
    }

    [LoggerMessage(LogLevel.Warning, "Old events could not be trimmed; the next pass tries again.")]
    private partial void LogTrimFailed(Exception exception);
}
