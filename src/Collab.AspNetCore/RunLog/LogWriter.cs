using System.Threading.Channels;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.RunLog;

/// <summary>Takes what is queued, commits it together, then acknowledges and fans out. A batch is whatever has come in while the last one was committed.</summary>
internal sealed partial class LogWriter(
    IRunAppender appender, bool isShared, Feeds feeds, Trimmer trimmer, CollabMetrics metrics, int capacity, Action<int> done, TimeProvider time, ILogger logger)
{
    private const int MaxBatchSize = 256;
    private const int RecentCapacity = 65_536;
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    // What is queued behind a batch with stuck runs waits no longer than about this. To find one run among 256 by halving takes less.
    private static readonly TimeSpan PassByFor = TimeSpan.FromSeconds(5);

    private readonly Channel<PendingAppend> _queue = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private readonly RecentMessages _recent = new(RecentCapacity, feeds.IsCurrent);
    private readonly Dictionary<(Guid, Guid), PendingAppend> _batchIds = new(KeyedGuids.Instance);
    private readonly List<PendingAppend> _taken = new(MaxBatchSize);
    private readonly List<PendingAppend> _batch = new(MaxBatchSize);
    private readonly StuckRuns _stuck = new(time);
    private long _batchStarted;
    private bool _mayRepeat;

    public bool TryQueue(PendingAppend append)
    {
        append.QueuedAt = time.GetTimestamp();
        append.Trace = CollabTracing.StartPublish(append);
        return _queue.Writer.TryWrite(append);
    }

    public void Complete() => _queue.Writer.TryComplete();

    public void Forget(Guid runId) => _recent.Forget(runId);

    /// <summary>Ends when the queue was completed and is empty; nothing else stops it, so that what was taken in is committed.</summary>
    public async Task RunAsync()
    {
        await using (appender)
        {
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (_taken.Count < MaxBatchSize && _queue.Reader.TryRead(out var append)) _taken.Add(append);
                using var trace = CollabTracing.StartCommit(_taken);
                await CommitAsync();
                // Publishers first: while the followers get the batch, the next one comes in.
                Acknowledgements.Send(_taken);
                feeds.Flush(_batch);
                done(_taken.Count);
                _taken.Clear();
            }
        }
    }

    private async ValueTask CommitAsync()
    {
        _batchStarted = time.GetTimestamp();
        var twins = SortOutRepeats();
        if (!_stuck.IsEmpty) await CommitApartAsync(_batch, _stuck.Contains, isHeld: true);
        else if (_batch.Count > 0) await CommitAsync(_batch);
        foreach (var (repeat, first) in twins ?? []) repeat.Follow(first);
    }

    /// <summary>Leaves out known ids and stuck runs, and sets aside ids that occur twice in this very batch: they get what the first one gets.</summary>
    private List<(PendingAppend Repeat, PendingAppend First)>? SortOutRepeats()
    {
        List<(PendingAppend, PendingAppend)>? twins = null;
        _batch.Clear();
        _batchIds.Clear();
        _mayRepeat = false;
        foreach (var append in _taken)
        {
            if (!isShared && _recent.TryRecognise(append))
            {
                if (append.IsRefused) metrics.AppendsFailed(AppendFailure.Rejected, 1);
                continue;
            }
            _mayRepeat |= isShared && _recent.Knows(append);
            if (_stuck.MustWait(append.RunId)) Refuse([append], Locked);
            else if (_batchIds.TryGetValue((append.RunId, append.MessageId), out var first)) (twins ??= []).Add((append, first));
            else
            {
                _batchIds.Add((append.RunId, append.MessageId), append);
                _batch.Add(append);
            }
        }
        return twins;
    }

    /// <param name="appends">The events, in the order of their runs.</param>
    /// <param name="isHeld">All these runs were seen to be held: if they still are, they are refused.</param>
    private async ValueTask CommitAsync(IReadOnlyList<PendingAppend> appends, bool isHeld = false)
    {
        var started = time.GetTimestamp();
        var batch = new AppendBatch(appends, time.GetUtcNow().ToUnixTimeMilliseconds(), _mayRepeat);
        while (true)
        {
            try
            {
                await appender.AppendAsync(batch, CancellationToken.None);
                break;
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Locked)
            {
                await PassByLockedAsync(appends, e, isHeld);
                return;
            }
            catch (Exception e) when (e is not StoreException { Failure: StoreFailure.Unavailable })
            {
                await FindCulpritAsync(appends, e);
                return;
            }
            catch (StoreException e) when (time.GetElapsedTime(started) > RetryFor)
            {
                LogUnavailable(e, appends.Count);
                Refuse(appends, RefusedException.Unavailable);
                RefuseQueued();
                return;
            }
            catch (StoreException)
            {
                // The commit may have happened all the same; the ids make it safe to send it again, and the same time tells what it was.
                foreach (var append in appends) append.UnansweredAttempt = batch.Timestamp;
                await Task.Delay(RetryPause, time, CancellationToken.None);
            }
        }
        Committed(appends);
    }

    /// <summary>The store rejects something in the batch: halves it until the one event stands alone, and commits the rest.</summary>
    private async ValueTask FindCulpritAsync(IReadOnlyList<PendingAppend> appends, Exception rejection)
    {
        if (appends.Count == 1)
        {
            LogRejected(rejection);
            appends[0].Refuse(RefusedException.Invalid("The store cannot hold this event."));
            metrics.AppendsFailed(AppendFailure.Rejected, 1);
            return;
        }
        var half = appends.Count / 2;
        await CommitAsync([.. appends.Take(half)]);
        await CommitAsync([.. appends.Skip(half)]);
    }

    /// <summary>
    /// Somebody holds the row of a run in the batch, and nothing of it was committed. The other runs are committed without it. Another server's commit
    /// holds a row too, but never for two waits: who is held through two is refused.
    /// </summary>
    private async ValueTask PassByLockedAsync(IReadOnlyList<PendingAppend> appends, StoreException failure, bool isHeld)
    {
        Guid[] runs = [.. appends.Select(a => a.RunId).Distinct(KeyedGuids.Instance)];
        var held = runs.Where(failure.LockedRuns.Contains).ToHashSet(KeyedGuids.Instance);
        if (held.Count == runs.Length || runs.Length == 1)
        {
            if (!isHeld) await CommitAsync(appends, isHeld: true);
            else
            {
                foreach (var run in runs) _stuck.Add(run);
                LogLocked(failure, appends.Count, runs.Length, runs[0]);
                Refuse(appends, Locked);
            }
        }
        else if (time.GetElapsedTime(_batchStarted) > PassByFor)
        {
            LogUnavailable(failure, appends.Count);
            Refuse(appends, Locked);
        }
        else if (held.Count > 0) await CommitApartAsync(appends, held.Contains, isHeld: true);
        else
        {
            // A row that somebody is about to insert cannot be seen. Halves the runs until the one stands alone.
            var half = runs.Skip(runs.Length / 2).ToHashSet(KeyedGuids.Instance);
            await CommitApartAsync(appends, half.Contains, isHeld: false);
        }
    }

    /// <summary>Commits the events of some runs after those of the others. The events of a run stay together, in their order.</summary>
    private async ValueTask CommitApartAsync(IReadOnlyList<PendingAppend> appends, Func<Guid, bool> isLast, bool isHeld)
    {
        var parts = appends.ToLookup(append => isLast(append.RunId));
        if (parts.Contains(false)) await CommitAsync([.. parts[false]]);
        if (parts.Contains(true)) await CommitAsync([.. parts[true]], isHeld);
    }

    private static RefusedException Locked() => new(CollabErrorCode.Unavailable, "The run is locked in the event store. Try again.");

    /// <summary>Refuses events as unavailable, each with an exception of its own.</summary>
    private void Refuse(IReadOnlyList<PendingAppend> appends, Func<RefusedException> reason)
    {
        foreach (var append in appends) append.Refuse(reason());
        metrics.AppendsFailed(AppendFailure.Unavailable, appends.Count);
    }

    private void Committed(IReadOnlyList<PendingAppend> appends)
    {
        metrics.Appended(appends.Count, time.GetElapsedTime(appends[0].QueuedAt));
        try
        {
            feeds.Committed(appends);
        }
        catch (Exception e)
        {
            // The events are durable, so their publishers hear so. Whoever follows finds the gap and reads the store.
            LogFanOutFailed(e);
        }
        foreach (var append in appends)
        {
            if (append.IsRefused)
            {
                metrics.AppendsFailed(AppendFailure.Rejected, 1);
                continue;
            }
            trimmer.Note(append.RunId, append.Sequence);
            _recent.Remember(append);
            _stuck.Remove(append.RunId);
        }
    }

    /// <summary>The store is down. Who waits behind the failed batch has waited long enough; the next publish tries again.</summary>
    private void RefuseQueued()
    {
        var refused = new List<PendingAppend>();
        // Not until it is empty: who is refused and comes back at once must not be refused by the same failure again.
        for (var waiting = _queue.Reader.Count; waiting > 0 && _queue.Reader.TryRead(out var append); waiting--) refused.Add(append);
        Refuse(refused, RefusedException.Unavailable);
        Acknowledgements.Send(refused);
        done(refused.Count);
    }

    [LoggerMessage(LogLevel.Error, "The store cannot be reached; {Count} events were refused as unavailable.")]
    private partial void LogUnavailable(Exception exception, int count);

    [LoggerMessage(LogLevel.Warning, "{Count} events of {Runs} runs were refused: another session of the database holds the runs' rows. One is that of run {Run}.")]
    private partial void LogLocked(Exception exception, int count, int runs, Guid run);

    [LoggerMessage(LogLevel.Error, "Committed events could not be sent on.")]
    private partial void LogFanOutFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The store rejected an event that had passed validation.")]
    private partial void LogRejected(Exception exception);
}
