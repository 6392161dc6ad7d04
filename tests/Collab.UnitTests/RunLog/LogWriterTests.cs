using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Outcome = Collab.UnitTests.Kit.ScriptedAppender.Outcome;

namespace Collab.UnitTests.RunLog;

/// <summary>Each publish is answered once and truthfully, whatever the store does, and one that cannot be stored fails no other.</summary>
#pragma warning disable CA1001 // The writer disposes of its appender.
public sealed class LogWriterTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly ScriptedAppender _appender = new();
    private readonly LogWriter _writer;
    private readonly Arrivals<int> _done = new();
    private readonly ManualTime _time = new() { SkipsWaits = true };
    private Task _running = Task.CompletedTask;

    public LogWriterTests()
    {
        var (store, options, metrics, time) = (new EmptyStore(), Some.Options(), Some.Metrics(), _time);
        var feeds = Some.Feeds(store, time: time);
        var trimmer = new Trimmer(store, metrics, options, time, NullLogger<Trimmer>.Instance);
        var sinks = new CommitSinks([feeds], NullLogger.Instance);
        _writer = new(
            _appender, store.IsShared, feeds.IsCurrent, sinks, trimmer, metrics, capacity: 100, count => _done.Add(count), time, NullLogger.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _writer.Complete();
        await _running.WaitAsync(Patience.Default);
        Assert.True(_appender.IsDisposed || _running == Task.CompletedTask);
    }

    [Fact]
    public async Task What_waits_together_is_committed_together_in_its_order()
    {
        var appends = Many(10);
        var acks = await PublishAsync(appends);

        Assert.Equal(appends.Select(a => a.MessageId), Assert.Single(_appender.Attempts.All));
        Assert.Equal(Enumerable.Range(1, 10).Select(n => (long?)n), acks.Select(a => a.SequenceNumber));
        Assert.All(acks, a => Assert.False(a.Duplicate));
    }

    [Fact]
    public async Task A_repeat_in_the_same_batch_gets_the_first_ones_number()
    {
        var first = Some.Append();
        var acks = await PublishAsync([Some.Append(), first, Some.Append(first.MessageId), Some.Append()]);

        Assert.Equal([(1, false), (2, false), (2, true), (3, false)], acks.Select(a => (a.SequenceNumber!.Value, a.Duplicate)));
        Assert.Equal(3, Assert.Single(_appender.Attempts.All).Length);
    }

    [Fact]
    public async Task A_repeat_of_a_recent_commit_does_not_reach_the_store()
    {
        var first = Some.Append();
        await PublishAsync([first]);

        var again = Assert.Single(await PublishAsync([Some.Append(first.MessageId)]));

        Assert.Equal((1, true), (again.SequenceNumber, again.Duplicate));
        Assert.Single(_appender.Attempts.All);
    }

    [Fact]
    public async Task A_commit_without_an_answer_is_sent_again_with_the_same_ids_and_is_no_duplicate()
    {
        _appender.Then(Outcome.CommitsWithoutAnswer, Outcome.Fails, Outcome.Commits);

        var acks = await PublishAsync(Many(3));

        Assert.Equal([(1, false), (2, false), (3, false)], acks.Select(a => (a.SequenceNumber!.Value, a.Duplicate)));
        Assert.Equal(3, _appender.Attempts.All.Length);
        Assert.All(_appender.Attempts.All, ids => Assert.Equal(_appender.Attempts.All[0], ids));
    }

    [Fact]
    public async Task A_repeat_of_what_was_in_doubt_is_a_duplicate()
    {
        _appender.Then(Outcome.CommitsWithoutAnswer);
        var first = Some.Append();
        await PublishAsync([first]);

        Assert.True(Assert.Single(await PublishAsync([Some.Append(first.MessageId)])).Duplicate);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task An_event_that_the_store_rejects_fails_alone(int culprit)
    {
        var appends = Many(7);
        _appender.Poison = appends[culprit].MessageId;

        var outcomes = await OutcomesAsync(appends);

        Assert.Equal(CollabErrorCode.InvalidEvent, outcomes[culprit].Refusal);
        var others = outcomes.Where((_, i) => i != culprit).ToList();
        Assert.Equal(Enumerable.Range(1, 6).Select(n => (long?)n), others.Select(o => o.Ack?.SequenceNumber));
    }

    [Fact]
    public async Task A_repeat_of_a_rejected_event_is_rejected_too()
    {
        var poison = Some.Append();
        _appender.Poison = poison.MessageId;

        var outcomes = await OutcomesAsync([poison, Some.Append(poison.MessageId), Some.Append()]);

        Assert.Equal([CollabErrorCode.InvalidEvent, CollabErrorCode.InvalidEvent, null], outcomes.Select(o => o.Refusal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_locked_is_refused_alone_and_its_events_stay_in_order(bool canBeSeen)
    {
        var stuck = Guid.NewGuid();
        _appender.Locked.Add(stuck);
        _appender.SeesLocks = canBeSeen;
        Append[] appends = [.. Enumerable.Range(0, 40).Select(n => Some.Append(runId: n % 8 == 3 ? stuck : new Guid(n % 8, 0, 0, new byte[8])))];

        var outcomes = await OutcomesAsync(appends);

        for (var i = 0; i < appends.Length; i++)
            Assert.Equal(appends[i].RunId == stuck ? CollabErrorCode.Unavailable : null, outcomes[i].Refusal);
        foreach (var run in appends.Zip(outcomes).Where(o => o.First.RunId != stuck).GroupBy(o => o.First.RunId))
            Assert.Equal(run.Select(o => o.Second.Ack!.SequenceNumber).Order(), run.Select(o => o.Second.Ack!.SequenceNumber));
    }

    [Fact]
    public async Task A_run_that_was_locked_is_refused_without_asking_then_tried_after_all_others_and_taken_when_it_is_free()
    {
        var stuck = Guid.NewGuid();
        _appender.Locked.Add(stuck);
        await OutcomesAsync([Some.Append(runId: stuck)]);

        var (early, other) = (Some.Append(runId: stuck), Some.Append());
        var (outcomes, attempts) = await TogetherAsync([early, other]);
        Assert.Equal([CollabErrorCode.Unavailable, null], outcomes.Select(o => o.Refusal));
        Assert.Equal(other.MessageId, Assert.Single(Assert.Single(attempts)));

        _time.Advance(StuckRuns.Pause);
        Append[] again = [Some.Append(runId: stuck), Some.Append()];
        (outcomes, attempts) = await TogetherAsync(again);
        Assert.Equal([CollabErrorCode.Unavailable, null], outcomes.Select(o => o.Refusal));
        Assert.Equal([again[1].MessageId, again[0].MessageId], attempts.SelectMany(ids => ids));

        _appender.Locked.Clear();
        _time.Advance(StuckRuns.Pause);
        (outcomes, _) = await TogetherAsync([Some.Append(runId: stuck), Some.Append()]);
        Assert.All(outcomes, o => Assert.NotNull(o.Ack));
        (outcomes, attempts) = await TogetherAsync([Some.Append(runId: stuck), Some.Append()]);
        Assert.All(outcomes, o => Assert.NotNull(o.Ack));
        Assert.Single(attempts);
    }

    [Fact]
    public async Task A_run_that_is_free_at_the_second_try_is_not_refused()
    {
        var busy = Guid.NewGuid();
        _appender.Locked.Add(busy);
        _appender.UnlocksAfter = 1;

        Assert.Equal(2, (await PublishAsync([Some.Append(runId: busy), Some.Append()])).Length);
    }

    [Fact]
    public async Task A_store_that_stays_away_refuses_the_batch_and_all_who_wait_behind_it()
    {
        _appender.Otherwise = Outcome.Fails;
        var hold = _appender.Hold();
        var (batch, behind) = (Many(2), Many(300));
        var waiting = OutcomesAsync(batch);
        await _appender.Attempts.WaitForAsync(all => all.Count >= 1);
        var (queued, full) = (behind[..100], behind[100..]);
        var waitingBehind = OutcomesAsync(queued);
        Assert.All(full, append => Assert.Null(_writer.TryQueue(append)));

        hold.SetResult();

        Assert.All(await waiting, o => Assert.Equal(CollabErrorCode.Unavailable, o.Refusal));
        Assert.All(await waitingBehind, o => Assert.Equal(CollabErrorCode.Unavailable, o.Refusal));
        Assert.All(_appender.Attempts.All, ids => Assert.Equal(batch.Select(a => a.MessageId), ids));

        await _done.WaitForAsync(all => all.Sum() == 102);
        _appender.Otherwise = Outcome.Commits;
        Assert.Equal(1, Assert.Single(await PublishAsync([Some.Append()])).SequenceNumber);
    }

    [Fact]
    public async Task After_the_end_nothing_is_taken_in_and_everything_queued_is_committed()
    {
        var hold = _appender.Hold();
        var first = PublishAsync([Some.Append()]);
        await _appender.Attempts.WaitForAsync(all => all.Count >= 1);
        var rest = PublishAsync(Many(50));

        _writer.Complete();
        Assert.Null(_writer.TryQueue(Some.Append()));
        Assert.False(_running.IsCompleted);
        hold.SetResult();
        await _running.WaitAsync(Patience.Default);

        Assert.Equal(51, (await first).Length + (await rest).Length);
        Assert.Equal(51, _done.All.Sum());
        Assert.True(_appender.IsDisposed);
    }

    private static Append[] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => Some.Append())];

    /// <summary>Queues everything, starts the writer if it does not run yet, and waits for all answers.</summary>
    private async Task<PublishAck[]> PublishAsync(Append[] appends) =>
        [.. (await OutcomesAsync(appends)).Select(o => o.Ack ?? throw new InvalidOperationException($"Refused as {o.Refusal}."))];

    /// <summary>Queues everything while the writer is kept busy with another run, so that it finds all of it at once.</summary>
    /// <returns>The answers, and what the writer asked of the store for them.</returns>
    private async Task<((PublishAck? Ack, CollabErrorCode? Refusal)[] Outcomes, Guid[][] Attempts)> TogetherAsync(Append[] appends)
    {
        var before = _appender.Attempts.All.Length;
        var hold = _appender.Hold();
        var first = OutcomesAsync([Some.Append()]);
        await _appender.Attempts.WaitForAsync(all => all.Count >= before + 1);
        var rest = OutcomesAsync(appends);
        hold.SetResult();
        Assert.NotNull(Assert.Single(await first).Ack);
        return (await rest, _appender.Attempts.All[(before + 1)..]);
    }

    private async Task<(PublishAck? Ack, CollabErrorCode? Refusal)[]> OutcomesAsync(Append[] appends)
    {
        var answers = appends.Select(append =>
        {
            var queued = _writer.TryQueue(append);
            Assert.NotNull(queued);
            return OutcomeAsync(queued);
        }).ToArray();
        if (_running == Task.CompletedTask) _running = _writer.RunAsync();
        return await Task.WhenAll(answers).WaitAsync(Patience.Default);
    }

    private static async Task<(PublishAck?, CollabErrorCode?)> OutcomeAsync(QueuedAppend append)
    {
        try
        {
            return (await append.Acknowledgement, null);
        }
        catch (RefusedException e)
        {
            return (null, e.Code);
        }
    }
}
