using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Outcome = Collab.UnitTests.Kit.ScriptedAppender.Outcome;

namespace Collab.UnitTests.RunLog;

/// <summary>
/// A group is in the log with nothing in between. An atomic one is there whole or not at all; of another what stands behind a refusal that may
/// be tried again is refused for the same reason.
/// </summary>
#pragma warning disable CA1001 // The writer disposes of its appender.
public sealed class AppendGroupTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly ScriptedAppender _appender = new();
    private readonly ManualTime _time = new() { SkipsWaits = true };
    private readonly Arrivals<int> _done = new();
    private readonly LogWriter _writer;
    private Task _running = Task.CompletedTask;

    public AppendGroupTests()
    {
        var (store, options, metrics) = (new EmptyStore(), Some.Options(), Some.Metrics());
        var feeds = Some.Feeds(store, time: _time);
        var trimmer = new Trimmer(store, metrics, options, _time, NullLogger<Trimmer>.Instance);
        _writer = new(
            _appender, store.IsShared, feeds.IsCurrent, new CommitSinks([feeds], NullLogger.Instance), trimmer, metrics, capacity: 1000,
            count => _done.Add(count), _time, NullLogger.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _writer.Complete();
        await _running.WaitAsync(Patience.Default);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_comes_between_the_events_of_a_group_and_all_count_as_done(bool isAtomic)
    {
        var before = Queue(Some.Append());
        var group = Queue(isAtomic, Many(100));
        var after = Queue(Some.Append());

        Start();

        Assert.Equal(1, (await before.Acknowledgement).SequenceNumber);
        await group.Completion.WaitAsync(Patience.Default);
        Assert.Null(group.Refusal());
        Assert.Equal(Enumerable.Range(2, 100).Select(n => (long?)n), group.Members.Select(m => m.Ack().SequenceNumber));
        Assert.Equal(102, (await after.Acknowledgement).SequenceNumber);
        await _done.WaitForAsync(all => all.Sum() == 102);
    }

    [Fact]
    public async Task A_batch_takes_a_group_whole_even_if_it_grows_beyond_its_size()
    {
        var groups = Enumerable.Range(0, 3).Select(_ => Queue(isAtomic: true, Many(100))).ToArray();

        Start();

        foreach (var group in groups) await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(300, Assert.Single(_appender.Attempts.All).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task An_event_that_the_store_rejects_takes_its_atomic_group_with_it_and_nobody_else(int culprit)
    {
        var appends = Many(7);
        _appender.Poison = appends[culprit].MessageId;
        var before = Queue(Some.Append());
        var group = Queue(isAtomic: true, appends);
        var after = Queue(Some.Append());

        Start();

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.InvalidEvent, group.Refusal()?.Code);
        Assert.Equal([1, 2], [(await before.Acknowledgement).SequenceNumber, (await after.Acknowledgement).SequenceNumber]);
        Assert.All(_appender.Attempts.All, ids => Assert.Contains(ids.Intersect(appends.Select(a => a.MessageId)).Count(), (int[])[0, 7]));
    }

    [Fact]
    public async Task Of_a_group_that_is_not_atomic_only_the_rejected_event_is_refused()
    {
        var appends = Many(7);
        _appender.Poison = appends[3].MessageId;
        var group = Queue(isAtomic: false, appends);

        Start();

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(
            [null, null, null, CollabErrorCode.InvalidEvent, null, null, null], group.Members.Select(m => m.Refusal?.Code));
        Assert.Equal([1, 2, 3, 4, 5, 6], group.Members.Where(m => !m.IsRefused).Select(m => m.Ack().SequenceNumber!.Value));
    }

    [Fact]
    public async Task What_is_behind_an_event_that_may_be_tried_again_is_not_stored_before_it()
    {
        var appends = Many(8);
        // It makes the writer cut the group; of its parts the first one that the store is asked about fails, and the next would be taken.
        _appender.Poison = appends[0].MessageId;
        _appender.Then([.. Enumerable.Repeat(Outcome.Fails, 22)]);
        var group = Queue(isAtomic: false, appends);

        Start();

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(
            [CollabErrorCode.InvalidEvent, .. Enumerable.Repeat(CollabErrorCode.Unavailable, 7)], group.Members.Select(m => m.Refusal!.Code));
        Assert.DoesNotContain(_appender.Attempts.All[1..], ids => ids.Contains(appends[7].MessageId));
    }

    [Fact]
    public async Task A_group_with_an_id_of_the_same_batch_waits_for_the_next_one_and_so_does_what_is_behind_it()
    {
        var first = Some.Append();
        var (single, appends) = (Queue(first), Many(3));
        appends[1] = Some.Append(first.MessageId);
        var group = Queue(isAtomic: true, appends);
        var after = Queue(Some.Append());

        Start();

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal((1, false), ((await single.Acknowledgement).SequenceNumber, (await single.Acknowledgement).Duplicate));
        Assert.Null(group.Refusal());
        Assert.Equal([(2, false), (1, true), (3, false)], group.Members.Select(m => (m.Ack().SequenceNumber!.Value, m.Ack().Duplicate)));
        Assert.Equal(4, (await after.Acknowledgement).SequenceNumber);
        await _done.WaitForAsync(all => all.Sum() == 5);
    }

    [Fact]
    public async Task An_id_that_another_users_event_has_refuses_the_atomic_group_and_names_its_place()
    {
        var first = Some.Append();
        Start();
        await Queue(first).Acknowledgement;
        var appends = Many(3);
        appends[2] = Some.Append(first.MessageId) with { UserId = "mallory" };

        var group = Queue(isAtomic: true, appends);

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.InvalidEvent, group.Refusal()?.Code);
        Assert.StartsWith("events[2]: messageId", group.Refusal()?.Detail, StringComparison.Ordinal);
        Assert.Single(_appender.Attempts.All);
    }

    [Fact]
    public async Task A_repeat_of_one_of_a_refused_group_may_try_again()
    {
        var appends = Many(3);
        _appender.Poison = appends[0].MessageId;
        var group = Queue(isAtomic: true, appends);
        var repeat = Queue(Some.Append(appends[1].MessageId));

        Start();

        await group.Completion.WaitAsync(Patience.Default);
        var refused = await Assert.ThrowsAsync<AspNetCore.Refusals.RefusedException>(() => repeat.Acknowledgement.AsTask());
        Assert.Equal(CollabErrorCode.Unavailable, refused.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_without_an_answer_is_sent_again_and_is_no_duplicate(bool isAtomic)
    {
        _appender.Then(Outcome.CommitsWithoutAnswer, Outcome.Commits);
        var group = Queue(isAtomic, Many(3));

        Start();

        await group.Completion.WaitAsync(Patience.Default);
        Assert.Equal([(1, false), (2, false), (3, false)], group.Members.Select(m => (m.Ack().SequenceNumber!.Value, m.Ack().Duplicate)));
    }

    [Fact]
    public async Task A_group_of_a_run_that_is_locked_is_refused_whole_also_while_it_is_not_asked_about()
    {
        _appender.Locked.Add(Some.Run);
        var (asked, unasked) = (Queue(isAtomic: true, Many(3)), (AppendGroup?)null);
        Start();
        await asked.Completion.WaitAsync(Patience.Default);
        var attempts = _appender.Attempts.All.Length;

        unasked = Queue(isAtomic: false, Many(3));

        await unasked.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.Unavailable, asked.Refusal()?.Code);
        Assert.All(unasked.Members, m => Assert.Equal(CollabErrorCode.Unavailable, m.Refusal?.Code));
        Assert.Equal(attempts, _appender.Attempts.All.Length);
    }

    private static Append[] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => Some.Append())];

    private void Start() => _running = _writer.RunAsync();

    private QueuedAppend Queue(Append append) => _writer.TryQueue(append) ?? throw new InvalidOperationException("The queue is full.");

    private AppendGroup Queue(bool isAtomic, Append[] appends) =>
        _writer.TryQueue(appends, isAtomic) ?? throw new InvalidOperationException("The queue is full.");
}
