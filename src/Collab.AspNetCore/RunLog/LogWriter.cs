using System.Threading.Channels;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Takes what is queued, commits it together, then acknowledges and hands it on. A batch is whatever has come in while the last one was
/// committed; what follows from each attempt says <see cref="CommitPlan"/>.
/// </summary>
internal sealed partial class LogWriter
{
    private const int RecentCapacity = 65_536;

    private readonly IRunAppender _appender;
    private readonly CommitSinks _sinks;
    private readonly Trimmer _trimmer;
    private readonly CollabMetrics _metrics;
    private readonly Action<int> _done;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<QueuedAppend> _queue;
    private readonly IRecent _recent;
    private readonly StuckRuns _stuck;
    private readonly AppendAnswers _answers;
    private readonly Intake _intake;

    // Of the batch in hand, and reused.
    private readonly Stack<Part> _parts = new();
    private readonly List<Append> _appends = new(Intake.MaxBatchSize);
    private readonly List<AppendsTogether> _groups = [];

    public LogWriter(
        IRunAppender appender, bool isShared, Func<Guid, Guid, bool> isCurrent, CommitSinks sinks, Trimmer trimmer, CollabMetrics metrics,
        int capacity, Action<int> done, TimeProvider time, ILogger logger)
    {
        (_appender, _sinks, _trimmer, _metrics, _done, _time, _logger) = (appender, sinks, trimmer, metrics, done, time, logger);
        _queue = Channel.CreateBounded<QueuedAppend>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _recent = isShared ? new RecentIds(RecentCapacity) : new RecentMessages(RecentCapacity, isCurrent);
        (_stuck, _answers) = (new(time), new(metrics));
        _intake = new(_queue.Reader, _recent, _stuck, _answers);
    }

    /// <summary>Null: the queue is full, or takes nothing any more.</summary>
    public QueuedAppend? TryQueue(in Append append)
    {
        var queued = new QueuedAppend(append, _time.GetTimestamp());
        return _queue.Writer.TryWrite(queued) ? queued : null;
    }

    /// <summary>As <see cref="TryQueue(in Append)"/>, with nothing in between.</summary>
    public AppendGroup? TryQueue(IReadOnlyList<Append> appends, bool isAtomic)
    {
        var group = new AppendGroup(appends, isAtomic, _time.GetTimestamp());
        return _queue.Writer.TryWrite(group.Members[0]) ? group : null;
    }

    public void Complete() => _queue.Writer.TryComplete();

    public void Forget(Guid runId) => _recent.Forget(runId);

    /// <summary>Ends when the queue was completed and is empty; nothing else stops it, so that what was taken in is committed.</summary>
    public async Task RunAsync()
    {
        await using (_appender)
        {
            while (_intake.HasLeft || await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                _intake.Take();
                _intake.SortOut();
                using var trace = CollabTracing.StartCommit(_intake.Taken, append => append.Trace);
                if (_intake.Batch.Count > 0) await CommitAsync();
                _intake.AnswerTwins();
                // Publishers first: while the followers get the batch, the next one comes in.
                Acknowledgements.Send(_intake.Taken);
                _sinks.Flush();
                _done(_intake.Taken.Count);
            }
        }
    }

    /// <summary>Tries the batch, and its parts where the plan says so, until each event is committed or refused.</summary>
    private async ValueTask CommitAsync()
    {
        var batchStarted = _time.GetTimestamp();
        CommitPlan.Begin(_intake.Batch, _stuck).PushTo(_parts);
        while (_parts.TryPop(out var next))
        {
            var part = _intake.HasGroups ? RefuseEnded(next) : next;
            if (part.Appends.Count == 0) continue;
            var (started, now) = (_time.GetTimestamp(), _time.GetUtcNow().ToUnixTimeMilliseconds());
            while (true)
            {
                var outcome = await TryAsync(part, now);
                var step = CommitPlan.Next(part, outcome, _time.GetElapsedTime(started), _time.GetElapsedTime(batchStarted));
                CarryOut(step, part, outcome);
                if (step.Verdict != Verdict.Retry) break;
                // With the same time, which tells what an attempt without an answer was.
                foreach (var append in part.Appends) append.Unanswered(now);
                await Task.Delay(CommitPlan.RetryPause, _time, CancellationToken.None);
            }
        }
    }

    /// <summary>
    /// Leaves out what is in an ordered group behind an event that was refused and may be tried again: stored now it would be ahead of it.
    /// </summary>
    private Part RefuseEnded(Part part)
    {
        if (!part.Appends.Any(append => append.Group?.EndedBy is not null)) return part;
        var ended = part.Appends.ToLookup(append => append.Group?.EndedBy is not null);
        foreach (var append in ended[true]) _answers.Refuse(append, append.Group!.EndedBy!);
        return part with { Appends = [.. ended[false]] };
    }

    private async ValueTask<Outcome> TryAsync(Part part, long timestamp)
    {
        _appends.Clear();
        foreach (var append in part.Appends) _appends.Add(append.Append);
        if (_intake.HasGroups) part.FindGroups(_groups);
        else _groups.Clear();
        try
        {
            var batch = new AppendBatch(_appends, timestamp, _intake.MayRepeat) { Groups = _groups };
            return new(OutcomeKind.Committed, await _appender.AppendAsync(batch, CancellationToken.None));
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
                _answers.Reject(part.Appends);
                break;
            case Verdict.RefuseStuck:
                Guid[] runs = [.. part.Runs];
                foreach (var run in runs) _stuck.Add(run);
                LogLocked(outcome.Failure, part.Appends.Count, runs.Length, runs[0]);
                _answers.Refuse(part.Appends, StuckRuns.Refusal);
                break;
            case Verdict.RefuseLocked or Verdict.RefuseAll:
                LogUnavailable(outcome.Failure, part.Appends.Count);
                _answers.Refuse(part.Appends, step.Verdict == Verdict.RefuseLocked ? StuckRuns.Refusal : RefusedException.Unavailable);
                if (step.Verdict == Verdict.RefuseAll) RefuseQueued();
                break;
        }
        step.PushTo(_parts);
    }

    private void Accept(IReadOnlyList<QueuedAppend> appends, IReadOnlyList<Appended> answers)
    {
        _metrics.Appended(appends.Count, _time.GetElapsedTime(appends[0].QueuedAt));
        _sinks.Commit(_appends, answers);
        for (var i = 0; i < appends.Count; i++)
        {
            var (append, appended) = (appends[i], answers[i]);
            _answers.Answer(append, appended);
            if (append.IsRefused) continue;
            _trimmer.Note(append.RunId, appended.Sequence);
            _recent.Remember(append.Append, appended);
            _stuck.Remove(append.RunId);
        }
    }

    /// <summary>The store is down. Who waits behind the failed batch has waited long enough; the next publish tries again.</summary>
    private void RefuseQueued()
    {
        var refused = _intake.TakeWaiting();
        _answers.Refuse(refused, RefusedException.Unavailable);
        Acknowledgements.Send(refused);
        _done(refused.Count);
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
