using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// The one way in: critical events wait here, in order, for the commit that numbers them. Runs are shared out over the writers by hash,
/// so that a run's order is one writer's order.
/// </summary>
internal sealed class RunLog : BackgroundService
{
    private readonly LogWriter[] _writers;
    private readonly IRunStore _store;
    private readonly Feeds _feeds;
    private readonly CollabMetrics _metrics;
    private readonly int _capacity;

    public RunLog(
        IRunStore store, Feeds feeds, IEnumerable<ICommitSink> sinks, Trimmer trimmer, CollabMetrics metrics,
        IOptions<CollabOptions> options, TimeProvider time, ILogger<RunLog> logger)
    {
        (_store, _feeds, _metrics, _capacity) = (store, feeds, metrics, options.Value.Limits.QueueLength);
        Backpressure = new(_capacity, time);
        _writers = [.. Enumerable.Range(0, store.Writers).Select(_ => new LogWriter(
            store.CreateAppender(), store.IsShared, feeds.IsCurrent,
            new([.. sinks], logger), trimmer, metrics, _capacity, Backpressure.Done, time, logger))];
        metrics.ObserveQueue(() => Pending, _capacity);
    }

    /// <summary>Events that wait for their commit.</summary>
    public int Pending => Backpressure.Pending;

    /// <summary>Holds back who sends more than is taken.</summary>
    public Backpressure Backpressure { get; }

    /// <summary>Queues an event; the order of the calls is the order of the log. Completes when it is durable.</summary>
    /// <exception cref="RefusedException"><c>overloaded</c> at once, or later <c>unavailable</c> or <c>invalid_event</c>.</exception>
    public ValueTask<PublishAck> AppendAsync(in Append append)
    {
        Admit(1);
        return WriterOf(append.RunId).TryQueue(append) is { } queued ? queued.Acknowledgement : throw ShuttingDown(1);
    }

    /// <summary>Queues events of one run, no two with one id, with nothing in between.</summary>
    /// <exception cref="RefusedException"><c>overloaded</c> or <c>unavailable</c>, at once; later refusals are in the group.</exception>
    public AppendGroup Append(IReadOnlyList<Append> appends, bool isAtomic)
    {
        Admit(appends.Count);
        return WriterOf(appends[0].RunId).TryQueue(appends, isAtomic) ?? throw ShuttingDown(appends.Count);
    }

    /// <summary>Erases a run. Its connections are cut off, and find a new epoch.</summary>
    public async ValueTask EraseAsync(Guid runId, CancellationToken cancellationToken)
    {
        await _store.EraseAsync(runId, cancellationToken);
        WriterOf(runId).Forget(runId);
        await _feeds.ErasedAsync(runId, cancellationToken);
    }

    /// <summary>Takes nothing new, commits what is queued, and ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var writer in _writers) writer.Complete();
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_writers.Select(w => w.RunAsync()));

    /// <summary>Counts events that are about to wait. More than ever may wait are let in where nothing else does.</summary>
    private void Admit(int count)
    {
        var pending = Backpressure.Add(count);
        if (pending <= _capacity || (count > _capacity && pending == count)) return;
        Backpressure.Done(count);
        _metrics.AppendsFailed(AppendFailure.Overloaded, count);
        throw new RefusedException(
            CollabErrorCode.Overloaded, "The server has too many events waiting. Try again.", TimeSpan.FromSeconds(1));
    }

    private RefusedException ShuttingDown(int count)
    {
        Backpressure.Done(count);
        return new(CollabErrorCode.Unavailable, "The server is shutting down. Try again.", TimeSpan.FromSeconds(1));
    }

    private LogWriter WriterOf(Guid runId) => _writers[(uint)KeyedGuids.Hash(runId) % (uint)_writers.Length];
}
