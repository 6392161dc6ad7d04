using System.Threading.Channels;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Takes what is queued, commits it together, then acknowledges and hands it on. A batch is whatever has come in while the last one was
/// committed; what follows from each attempt says <see cref="CommitPlan"/>.
/// </summary>
internal sealed partial class LogWriter(
    IRunAppender appender, bool isShared, Func<Guid, Guid, bool> isCurrent, CommitSinks sinks, Trimmer trimmer, CollabMetrics metrics,
    int capacity, Action<int> done, TimeProvider time, ILogger logger)
{
    private const int MaxBatchSize = 256;
    private const int RecentCapacity = 65_536;

    private readonly Channel<QueuedAppend> _queue =
        Channel.CreateBounded<QueuedAppend>(new BoundedChannelOptions(capacity) { SingleReader = true });

    private readonly RecentMessages _recent = new(RecentCapacity, isCurrent);
    private readonly StuckRuns _stuck = new(time);

    // Of the batch in hand, and reused.
    private readonly Dictionary<(Guid, Guid), QueuedAppend> _ids = new(KeyedGuids.Instance);
    private readonly List<QueuedAppend> _taken = new(MaxBatchSize);
    private readonly List<QueuedAppend> _batch = new(MaxBatchSize);
    private readonly Stack<Part> _parts = new();
    private readonly List<Append> _appends = new(MaxBatchSize);
    private bool _mayRepeat;

    /// <summary>Null: the queue is full, or takes nothing any more.</summary>
    public QueuedAppend? TryQueue(in Append append)
    {
        var queued = new QueuedAppend(append, time.GetTimestamp());
        return _queue.Writer.TryWrite(queued) ? queued : null;
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
                using var trace = CollabTracing.StartCommit(_taken, append => append.Trace);
                var twins = SortOutRepeats();
                if (_batch.Count > 0) await CommitAsync();
                foreach (var (repeat, first) in twins ?? []) repeat.Follow(first);
                // Publishers first: while the followers get the batch, the next one comes in.
                Acknowledgements.Send(_taken);
                sinks.Flush();
                done(_taken.Count);
                _taken.Clear();
            }
        }
    }

    /// <summary>
    /// Leaves out known ids and stuck runs, and sets aside ids that occur twice in this very batch: they get what the first one gets.
    /// </summary>
    private List<(QueuedAppend Repeat, QueuedAppend First)>? SortOutRepeats()
    {
        List<(QueuedAppend, QueuedAppend)>? twins = null;
        _batch.Clear();
        _ids.Clear();
        _mayRepeat = false;
        foreach (var append in _taken)
        {
            var id = (append.RunId, append.Append.MessageId);
            _mayRepeat |= isShared && _recent.Knows(append.Append);
            if (!isShared && _recent.TryRecognise(append.Append, out var known)) Answer(append, known);
            else if (_stuck.MustWait(append.RunId)) Refuse([append], StuckRuns.Refusal);
            else if (_ids.TryAdd(id, append)) _batch.Add(append);
            else (twins ??= []).Add((append, _ids[id]));
        }
        return twins;
    }

    /// <summary>Tries the batch, and its parts where the plan says so, until each event is committed or refused.</summary>
    private async ValueTask CommitAsync()
    {
        var batchStarted = time.GetTimestamp();
        CommitPlan.Begin(_batch, _stuck).PushTo(_parts);
        while (_parts.TryPop(out var part))
        {
            var (started, now) = (time.GetTimestamp(), time.GetUtcNow().ToUnixTimeMilliseconds());
            while (true)
            {
                var outcome = await TryAsync(part, now);
                var step = CommitPlan.Next(part, outcome, time.GetElapsedTime(started), time.GetElapsedTime(batchStarted));
                CarryOut(step, part, outcome);
                if (step.Verdict != Verdict.Retry) break;
                // With the same time, which tells what an attempt without an answer was.
                foreach (var append in part.Appends) append.Unanswered(now);
                await Task.Delay(CommitPlan.RetryPause, time, CancellationToken.None);
            }
        }
    }

    private async ValueTask<Outcome> TryAsync(Part part, long timestamp)
    {
        _appends.Clear();
        foreach (var append in part.Appends) _appends.Add(append.Append);
        try
        {
            return new(OutcomeKind.Committed, await appender.AppendAsync(new(_appends, timestamp, _mayRepeat), CancellationToken.None));
        }
        catch (Exception e)
        {
            return Outcome.Of(e);
        }
    }

    private void CarryOut(Step step, Part part, Outcome outcome)
    {
        switch (step.Verdict)
        {
            case Verdict.Accept:
                Accept(part.Appends, outcome.Answers!);
                break;
            case Verdict.RefuseRejected:
                LogRejected(outcome.Failure);
                part.Appends[0].Refuse(RefusedException.Invalid("The store cannot hold this event."));
                metrics.AppendsFailed(AppendFailure.Rejected, 1);
                break;
            case Verdict.RefuseStuck:
                Guid[] runs = [.. part.Runs];
                foreach (var run in runs) _stuck.Add(run);
                LogLocked(outcome.Failure, part.Appends.Count, runs.Length, runs[0]);
                Refuse(part.Appends, StuckRuns.Refusal);
                break;
            case Verdict.RefuseLocked or Verdict.RefuseAll:
                LogUnavailable(outcome.Failure, part.Appends.Count);
                Refuse(part.Appends, step.Verdict == Verdict.RefuseLocked ? StuckRuns.Refusal : RefusedException.Unavailable);
                if (step.Verdict == Verdict.RefuseAll) RefuseQueued();
                break;
        }
        step.PushTo(_parts);
    }

    /// <summary>Refuses events as unavailable, each with an exception of its own.</summary>
    private void Refuse(IReadOnlyList<QueuedAppend> appends, Func<RefusedException> reason)
    {
        foreach (var append in appends) append.Refuse(reason());
        metrics.AppendsFailed(AppendFailure.Unavailable, appends.Count);
    }

    private void Answer(QueuedAppend append, in Appended appended)
    {
        append.Answer(appended);
        if (append.IsRefused) metrics.AppendsFailed(AppendFailure.Rejected, 1);
    }

    private void Accept(IReadOnlyList<QueuedAppend> appends, IReadOnlyList<Appended> answers)
    {
        metrics.Appended(appends.Count, time.GetElapsedTime(appends[0].QueuedAt));
        sinks.Commit(_appends, answers);
        for (var i = 0; i < appends.Count; i++)
        {
            var (append, appended) = (appends[i], answers[i]);
            Answer(append, appended);
            if (append.IsRefused) continue;
            trimmer.Note(append.RunId, appended.Sequence);
            _recent.Remember(append.Append, appended);
            _stuck.Remove(append.RunId);
        }
    }

    /// <summary>The store is down. Who waits behind the failed batch has waited long enough; the next publish tries again.</summary>
    private void RefuseQueued()
    {
        var refused = new List<QueuedAppend>();
        // Not until it is empty: who is refused and comes back at once must not be refused by the same failure again.
        for (var waiting = _queue.Reader.Count; waiting > 0 && _queue.Reader.TryRead(out var append); waiting--) refused.Add(append);
        Refuse(refused, RefusedException.Unavailable);
        Acknowledgements.Send(refused);
        done(refused.Count);
    }

    [LoggerMessage(LogLevel.Error, "The store cannot be reached; {Count} events were refused as unavailable.")]
    private partial void LogUnavailable(Exception? exception, int count);

    [LoggerMessage(
        LogLevel.Warning,
        "{Count} events of {Runs} runs were refused: another session of the database holds the runs' rows. One is that of run {Run}.")]
    private partial void LogLocked(Exception? exception, int count, int runs, Guid run);

    [LoggerMessage(LogLevel.Warning, "The store rejected an event that had passed validation.")]
    private partial void LogRejected(Exception? exception);
}
