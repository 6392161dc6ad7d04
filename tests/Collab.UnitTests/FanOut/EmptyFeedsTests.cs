using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Http;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>Anybody can ask for runs that nothing was written to, as many as there are ids: what that leaves is little, and gone soon, and misses nothing.</summary>
public sealed class EmptyFeedsTests : IDisposable
{
    private const long MaxBytes = 1_048_576;

    private static readonly TimeSpan UnusedFor = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly FeedHealer _healer;
    private readonly FewRunsStore _store = new();
    private readonly Feeds _feeds;
    private readonly FeedUpkeep _upkeep;
    private readonly LongPoll _longPoll;

    public EmptyFeedsTests()
    {
        _healer = new(Some.Metrics(), _time, NullLogger<FeedHealer>.Instance);
        var options = Some.Options(o => o.Limits.TailBytes = MaxBytes);
        _feeds = new(_store, new ServerLimits(options, _time), _healer, NoFeedNews.Instance, options, _time, NullLogger<Feeds>.Instance);
        _upkeep = new(_feeds, _store, _healer, NoFeedNews.Instance, options, _time);
        _longPoll = new(_feeds, new(options, new(), _time), Some.Monitor(_time), options, _time);
    }

    public void Dispose() => _healer.Dispose();

    [Fact]
    public async Task However_many_were_read_they_take_no_more_than_allowed()
    {
        for (var i = 0; i < 2000; i++) await GetAsync(Guid.NewGuid());

        _upkeep.Sweep(UnusedFor);

        Assert.InRange(_feeds.Live.Sum(f => f.Bytes), 1, MaxBytes);
        Assert.InRange(_feeds.Live.Count(), 1, 1000);
    }

    [Fact]
    public async Task However_many_were_polled_they_take_no_more_than_allowed()
    {
        for (var i = 0; i < 2000; i++) await PollAsync(await GetAsync(Guid.NewGuid()), "alice");

        _upkeep.Sweep(UnusedFor);

        Assert.InRange(_feeds.Live.Sum(f => f.Bytes), 1, MaxBytes);
    }

    [Fact]
    public async Task They_end_soon_unless_they_are_followed_polled_or_written_to()
    {
        Guid[] runs = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        _store.Written[runs[1]] = true;
        foreach (var run in runs) await GetAsync(run);
        await _feeds.AttachAsync(runs[2], new FakeSubscriber(), 0, asConnection: true, CancellationToken.None);
        await PollAsync(_feeds.Find(runs[3])!, "alice");

        _time.Advance(TimeSpan.FromSeconds(1));
        _upkeep.Sweep(UnusedFor);
        Assert.Equal(4, _feeds.Live.Count());

        _time.Advance(TimeSpan.FromSeconds(1));
        _upkeep.Sweep(UnusedFor);
        Assert.Null(_feeds.Find(runs[0]));
        Assert.Equal(3, _feeds.Live.Count());
    }

    [Fact]
    public async Task One_whose_load_took_longer_is_there_for_who_waited_for_it()
    {
        var run = Guid.NewGuid();
        _store.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = GetAsync(run);
        _time.Advance(TimeSpan.FromSeconds(5));
        _store.Hold.SetResult();
        var feed = await waiting.WaitAsync(Patience.Default);

        _upkeep.Sweep(UnusedFor);

        Assert.False(feed.IsRetired);
        Assert.Same(feed, _feeds.Find(run));
    }

    [Fact]
    public async Task Who_polls_one_that_has_just_ended_is_present_in_the_next()
    {
        var ended = await GetAsync(Guid.NewGuid());
        _time.Advance(TimeSpan.FromSeconds(3));
        _upkeep.Sweep(UnusedFor);

        var view = await PollAsync(ended, "alice");

        Assert.Equal(["alice"], view.ActiveUsers);
        Assert.Equal(["alice"], _feeds.Find(ended.RunId)!.ActiveUsers);
    }

    [Fact]
    public async Task One_that_ends_while_somebody_joins_and_another_publishes_misses_nothing()
    {
        for (var i = 0; i < 300; i++)
        {
            var run = Guid.NewGuid();
            await GetAsync(run);
            _time.Advance(TimeSpan.FromSeconds(3));
            var follower = new FakeSubscriber();
            using var together = new Barrier(3);

            var sweeping = Task.Run(() =>
            {
                together.SignalAndWait(Patience.Default);
                _upkeep.Sweep(UnusedFor);
            });
            var publishing = Task.Run(() =>
            {
                together.SignalAndWait(Patience.Default);
                Publish(run);
            });
            var joining = Task.Run(async () =>
            {
                together.SignalAndWait(Patience.Default);
                return await _feeds.AttachAsync(run, follower, 0, asConnection: true, CancellationToken.None);
            });
            await Task.WhenAll(sweeping, publishing, joining).WaitAsync(Patience.Default);

            var (feed, view) = await joining;
            Assert.Same(feed, _feeds.Find(run));
            if (view.LastSequence == 0) await follower.HasAsync(1);
            Assert.Equal(1, (await _feeds.ReadAsync(run, 0, CancellationToken.None)).LastSequence);
            feed.Detach(follower, asConnection: true);
        }
    }

    private Task<Feed> GetAsync(Guid run) => _feeds.GetAsync(run, CancellationToken.None).AsTask();

    private Task<RunView> PollAsync(Feed feed, string userId) =>
        _longPoll.ReadAsync(new DefaultHttpContext(), feed, Some.Caller(userId), new(After: 0, TimeSpan.Zero)).AsTask().WaitAsync(Patience.Default);

    /// <summary>As a writer does: first the store, then the feeds.</summary>
    private void Publish(Guid run)
    {
        _store.Written[run] = true;
        Commit[] commits = [new(run, Some.Epoch, Some.Event(1))];
        _feeds.Committed(commits);
        _feeds.Flush(commits);
    }

    /// <summary>Few of its runs have an event, and those one.</summary>
    private sealed class FewRunsStore : EmptyStore
    {
        public ConcurrentDictionary<Guid, bool> Written { get; } = new();

        public TaskCompletionSource? Hold { get; set; }

        public override async ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken)
        {
            if (Hold is { } hold) await hold.Task;
            return Written.ContainsKey(runId) ? Some.Snapshot(1, 1) : Some.Nothing;
        }
    }
}
