using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>The events of active runs take no more memory than allowed, and whoever needs what was let go gets it from the store.</summary>
public sealed class FeedsMemoryTests : IDisposable
{
    private const int LargeData = 400_000;

    private readonly ManualTime _time = new();
    private readonly FeedHealer _healer;
    private readonly LargeRunsStore _store = new();
    private readonly Feeds _feeds;
    private readonly FeedUpkeep _upkeep;
    private readonly List<FakeSubscriber> _followers = [];

    public FeedsMemoryTests()
    {
        _healer = new(Some.Metrics(), _time, NullLogger<FeedHealer>.Instance);
        var options = Some.Options(o => o.Limits.TailBytes = 1_048_576);
        _feeds = new(_store, new ServerLimits(options, _time), _healer, NoFeedNews.Instance, options, _time, NullLogger<Feeds>.Instance);
        _upkeep = new(_feeds, _store, _healer, NoFeedNews.Instance, options, _time);
    }

    private long Bytes => _feeds.Live.Sum(f => f.Bytes);

    public void Dispose() => _healer.Dispose();

    [Fact]
    public async Task Followed_runs_let_go_of_their_events_the_longest_unused_first()
    {
        Guid[] runs = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        foreach (var run in runs)
        {
            await FollowAsync(run);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(Bytes > 1_048_576);

        _upkeep.Sweep(TimeSpan.FromSeconds(30));

        Assert.InRange(Bytes, 1, 1_048_576);
        Assert.Equal(0, _feeds.Find(runs[0])!.EventBytes);
        Assert.True(_feeds.Find(runs[2])!.EventBytes > 0);
        Assert.All(_followers, f => Assert.Empty(f.CutOffs.All));
    }

    [Fact]
    public async Task Who_joins_then_gets_everything_and_one_reading_of_the_store_serves_all_who_join()
    {
        var run = Guid.NewGuid();
        await FollowAsync(run);
        await FollowAsync(Guid.NewGuid());
        await FollowAsync(Guid.NewGuid());
        _feeds.Find(run)!.LetGo();
        _store.Loads.Clear();
        var hold = _store.Hold();

        var joins = Enumerable.Range(0, 20)
            .Select(_ => _feeds.AttachAsync(run, new FakeSubscriber(), 0, asConnection: true, CancellationToken.None).AsTask()).ToArray();
        hold.SetResult();
        var views = await Task.WhenAll(joins).WaitAsync(Patience.Default);

        Assert.All(views, v => Assert.Equal([1, 2], v.View.Events.Select(e => e.Sequence)));
        Assert.Equal([run], _store.Loads);
    }

    [Fact]
    public async Task Who_has_everything_needs_no_store()
    {
        var run = Guid.NewGuid();
        await FollowAsync(run);
        _feeds.Find(run)!.LetGo();
        _store.Loads.Clear();

        var view = await _feeds.ReadAsync(run, after: 2, CancellationToken.None);

        Assert.Equal((2, 1, false), (view.LastSequence, view.OldestSequence, view.Truncated));
        Assert.Empty(view.Events);
        Assert.Empty(_store.Loads);
    }

    [Fact]
    public async Task A_run_that_was_erased_meanwhile_begins_anew()
    {
        var run = Guid.NewGuid();
        var follower = await FollowAsync(run);
        _feeds.Find(run)!.LetGo();
        _store.Erased.Add(run);

        var view = await _feeds.ReadAsync(run, after: 0, CancellationToken.None).AsTask().WaitAsync(Patience.Default);

        Assert.Equal(Some.OtherEpoch, view.Epoch);
        Assert.Single(follower.CutOffs.All);
    }

    private async Task<FakeSubscriber> FollowAsync(Guid run)
    {
        var follower = new FakeSubscriber();
        await _feeds.AttachAsync(run, follower, 0, asConnection: true, CancellationToken.None);
        _followers.Add(follower);
        return follower;
    }

    /// <summary>Every run has two large events.</summary>
    private sealed class LargeRunsStore : EmptyStore
    {
        private TaskCompletionSource? _hold;

        public List<Guid> Loads { get; } = [];

        public HashSet<Guid> Erased { get; } = [];

        public TaskCompletionSource Hold() => _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken)
        {
            lock (Loads) Loads.Add(runId);
            if (_hold is { } hold) await hold.Task;
            if (Erased.Contains(runId)) return Some.Erased;
            var data = $$"""{"stepId":"PM","note":"{{new string('x', LargeData / 2)}}"}""";
            return new(Some.Epoch, 2, FoldedSequence: 0, new StateFold(), [Some.Event(1, data: data), Some.Event(2, data: data)]);
        }
    }
}
