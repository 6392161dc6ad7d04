using Collab.AspNetCore.Events;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Outbox;

/// <summary>
/// Moves what applications have put into the outbox into the logs of its runs: at once when a context in this process has committed, else
/// at the next look. A store that is away is asked again; a run that another session holds is passed by.
/// </summary>
internal sealed partial class OutboxDrain : BackgroundService, IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly IOutboxStore _outbox;
    private readonly OutboxRules _rules;
    private readonly OutboxSignal _signal;
    private readonly CommitSinks _sinks;
    private readonly StuckRuns _stuck;
    private readonly Trimmer _trimmer;
    private readonly CollabMetrics _metrics;
    private readonly TimeSpan _poll;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Task? _raised;
    private long? _lookedAt;
    private OutboxFigures _figures = new(0, 0, 0);

    public OutboxDrain(
        IOutboxStore outbox, OutboxRules rules, OutboxSignal signal, IEnumerable<ICommitSink> sinks, Trimmer trimmer, CollabMetrics metrics,
        IOptions<CollabOptions> options, TimeProvider time, ILogger<OutboxDrain> logger)
    {
        (_outbox, _rules, _signal, _trimmer, _metrics, _time, _logger) = (outbox, rules, signal, trimmer, metrics, time, logger);
        (_sinks, _stuck) = (new([.. sinks], logger), new(time));
        _poll = TimeSpan.FromMilliseconds(options.Value.Outbox.PollMs);
        metrics.ObserveOutbox(() => Volatile.Read(ref _figures));
    }

    /// <summary>
    /// Ends the loop where the application is disposed of without being stopped: the store goes next, and nothing may be in it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (ExecuteTask is { } loop) await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_poll == TimeSpan.Zero) return;
        var pause = TimeSpan.Zero;
        try
        {
            while (true)
            {
                var next = await TryMoveAsync();
                if (next is not null && pause > TimeSpan.Zero) LogBack();
                pause = next is null ? Longer(pause) : TimeSpan.Zero;
                if (next is { } wait) await WaitAsync(wait, stoppingToken);
                else await Task.Delay(Jitter.Around(pause), _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is in the outbox is moved by another server, or after the next start.
        }
    }

    /// <returns>When to look again; null: the store is away.</returns>
    private async ValueTask<TimeSpan?> TryMoveAsync()
    {
        try
        {
            return await MoveAsync() ? Soon : _poll;
        }
        catch (Exception e)
        {
            LogFailed(e);
            return null;
        }
    }

    /// <summary>Moves what waits. Nothing interrupts a transaction: the server ends after it.</summary>
    /// <returns>Whether there is more, which must wait a moment.</returns>
    private async ValueTask<bool> MoveAsync()
    {
        while (true)
        {
            Guid[] stuck = [.. _stuck.Waiting];
            if (!await _outbox.HasWaitingAsync(stuck, CancellationToken.None))
            {
                await LookAsync();
                return false;
            }
            var pass = await DrainAsync(only: null, stuck);
            // One of those that are held is waited for a little: a run that is written to all the time is seldom free.
            if (pass.Held.Count > 0) await DrainAsync(pass.Held.First(), []);
            // Also while there is always more.
            await LookAsync();
            if (pass.Appends.Count == 0 && pass.Failed.Count == 0) return pass.IsFull || pass.Held.Count > 0;
        }
    }

    private async ValueTask<OutboxPass> DrainAsync(Guid? only, IReadOnlyCollection<Guid> apartFrom)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var pass = await _outbox.DrainAsync(new(now, apartFrom, only), _rules.Judge, CancellationToken.None);
        if (only is { } run && pass.Held.Contains(run)) _stuck.Add(run);
        Tell(pass);
        return pass;
    }

    /// <summary>Sees now and then how much is left.</summary>
    private async ValueTask LookAsync()
    {
        if (_lookedAt is { } at && _time.GetElapsedTime(at) < LookEvery) return;
        var depth = await _outbox.GetDepthAsync(CancellationToken.None);
        var age = depth.AgeAt(_time.GetUtcNow()) ?? TimeSpan.Zero;
        Volatile.Write(ref _figures, new(depth.Count, age.TotalSeconds, depth.SetAside));
        _lookedAt = _time.GetTimestamp();
    }

    /// <summary>The events are in the logs: subscribers of the runs get them as they get a publisher's.</summary>
    private void Tell(OutboxPass pass)
    {
        if (pass.Appends.Count > 0)
        {
            _sinks.Commit(pass.Appends, pass.Answers);
            _sinks.Flush();
        }
        for (var i = 0; i < pass.Appends.Count; i++)
        {
            _trimmer.Note(pass.Appends[i].RunId, pass.Answers[i].Sequence);
            _stuck.Remove(pass.Appends[i].RunId);
        }
        _metrics.OutboxPublished(pass.Answers.Count(a => a.Found == Found.Nothing));
        _metrics.OutboxFailed(pass.Failed.Count);
        foreach (var (id, problem) in pass.Failed) LogRefused(id, problem);
    }

    private async ValueTask WaitAsync(TimeSpan atMost, CancellationToken stoppingToken)
    {
        _raised ??= _signal.WaitAsync(stoppingToken);
        await Task.WhenAny(_raised, Task.Delay(atMost, _time, stoppingToken));
        stoppingToken.ThrowIfCancellationRequested();
        if (!_raised.IsCompleted) return;
        await _raised;
        _raised = null;
    }

    private static TimeSpan Longer(TimeSpan pause) =>
        pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;

    [LoggerMessage(LogLevel.Warning, "The outbox could not be moved into the log; it is tried again.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "The outbox is moved into the log again.")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Error, "Row {Id} of the outbox cannot be published, and was set aside: {Problem}")]
    private partial void LogRefused(long id, string problem);
}
