using System.Collections.Concurrent;
using System.Threading.Channels;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Handlers;

/// <summary>
/// Lets the handlers act on what is committed. This server answers for what it has committed itself, until a handler's position has passed
/// it; what a server that died has left behind is found in the store.
/// </summary>
internal sealed partial class HandlerEngine : BackgroundService, ICommitSink
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(10);

    private readonly Handler[] _handlers;
    private readonly Dictionary<string, Channel<HandlerWork>> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string, Guid), HandlerWork> _works = new(KeyedGuids.Instance);
    private readonly HandlerLease _lease;
    private readonly HandlerWatch _watch;
    private readonly HandlerRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public HandlerEngine(
        HandlerTable table, IHandlerStore store, HandlerLease lease, HandlerRunner runner, CollabMetrics metrics, TimeProvider time,
        ILogger<HandlerEngine> logger)
    {
        (_handlers, _lease, _runner, _time, _logger) = (table.All, lease, runner, time, logger);
        _watch = new(_handlers, store, lease, Due, time, logger);
        foreach (var handler in _handlers) _queues[handler.Name] = Channel.CreateUnbounded<HandlerWork>();
        metrics.ObserveHandlers([.. _handlers.Select(h => h.Name)], () => _watch.Standings.Select(s => (s.Handler, s.Lag, s.ParkedRuns)));
    }

    public bool Takes(Guid runId, string eventType) => Array.Exists(_handlers, handler => handler.Handles(eventType));

    public void Committed(ReadOnlySpan<Commit> commits)
    {
        foreach (var commit in commits)
        {
            foreach (var handler in _handlers)
            {
                if (handler.Handles(commit.Event.EventType)) Due(handler, commit.RunId);
            }
        }
    }

    public void Found(Guid runId, long sequence)
    {
        foreach (var handler in _handlers) Due(handler, runId);
    }

    public void Flush(ReadOnlySpan<Commit> commits)
    {
        // Handlers wait for no publisher.
    }

    /// <summary>A run has something for a handler, or may have.</summary>
    public void Due(Handler handler, Guid runId)
    {
        while (true)
        {
            var work = _works.GetOrAdd((handler.Name, runId), static (key, h) => new(h, key.Item2), handler);
            if (TrySignal(work)) return;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(EndsWithin);
        await base.StopAsync(patience.Token);
        // One that has not ended may still do something: then its runs stay ours until the lease ends.
        if (ExecuteTask is { IsCompleted: false }) return;
        try
        {
            await _lease.LeaveAsync(CancellationToken.None);
        }
        catch (StoreException e)
        {
            LogAway(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await _watch.RegisterAsync(stoppingToken);
            var workers = _handlers.SelectMany(h => Enumerable.Repeat(_queues[h.Name], h.Options.Parallelism))
                .Select(queue => WorkAsync(queue, stoppingToken));
            await Task.WhenAll([_watch.RunAsync(stoppingToken), .. workers]);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The positions are in the store.
        }
    }

    private async Task WorkAsync(Channel<HandlerWork> queue, CancellationToken stoppingToken)
    {
        await foreach (var work in queue.Reader.ReadAllAsync(stoppingToken))
        {
            work.Begin();
            TimeSpan? comeAgain = Away;
            try
            {
                comeAgain = await _runner.RunAsync(work, stoppingToken);
            }
            catch (Exception e)
            {
                LogAway(e);
            }
            stoppingToken.ThrowIfCancellationRequested();
            var next = work.End(comeAgain, TimerOf);
            if (next == Next.Queue) queue.Writer.TryWrite(work);
            else if (next == Next.PutAway) _works.TryRemove(new((work.Handler.Name, work.RunId), work));
        }
    }

    private ITimer TimerOf(HandlerWork work) =>
        _time.CreateTimer(state => TrySignal((HandlerWork)state!), work, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private bool TrySignal(HandlerWork work)
    {
        if (!work.TrySignal(out var mustQueue)) return false;
        if (mustQueue) _queues[work.Handler.Name].Writer.TryWrite(work);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The handlers' positions could not be read or written; it is tried again.")]
    private partial void LogAway(Exception exception);
}
