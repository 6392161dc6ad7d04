using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Signatures;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>What the feeds do by the clock.</summary>
public sealed class FeedTickerTests : IAsyncLifetime, IDisposable
{
    private readonly ManualTime _time = new();
    private readonly SharedStore _store = new();
    private readonly FeedHealer _healer;
    private readonly Feeds _feeds;
    private readonly FeedTicker _ticker;

    public FeedTickerTests()
    {
        _healer = new(Some.Metrics(), _time, NullLogger<FeedHealer>.Instance);
        _feeds = Some.Feeds(_store, _healer, time: _time);
        var upkeep = new FeedUpkeep(_feeds, _store, _healer, NoFeedNews.Instance, Some.Options(), _time);
        var signatures = new PublishSignatures(Some.Options(), _time, NullLogger<PublishSignatures>.Instance);
        _ticker = new(_feeds, upkeep, new UserLimits(Some.Options(), new(), _time), signatures, _time, NullLogger<FeedTicker>.Instance);
    }

    public async Task InitializeAsync()
    {
        await _ticker.StartAsync(CancellationToken.None);
        await _time.Timers.WaitForAsync(all => all.Count >= 2);
    }

    public Task DisposeAsync() => _ticker.StopAsync(CancellationToken.None);

    public void Dispose()
    {
        _ticker.Dispose();
        _healer.Dispose();
    }

    [Fact]
    public async Task Cursor_moves_leave_together_with_the_next_tick()
    {
        var follower = new FakeSubscriber();
        var (feed, _) = await _feeds.AttachAsync(Some.Run, follower, 0, asConnection: false, CancellationToken.None);
        foreach (var user in (string[])["alice", "bob", "alice"]) Move(feed, user);

        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Empty(follower.Frames.All);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await follower.Frames.WaitForAsync(all => all.Count >= 1);
    }

    [Fact]
    public async Task The_store_is_compared_with_every_second_and_again_after_it_failed()
    {
        await _feeds.AttachAsync(Some.Run, new FakeSubscriber(), 0, asConnection: false, CancellationToken.None);
        _store.Fails = true;

        for (var second = 1; second <= 3; second++)
        {
            Assert.Equal(second - 1, _store.Compared.All.Length);
            _time.Advance(TimeSpan.FromSeconds(1));
            await _store.Compared.WaitForAsync(all => all.Count >= second);
        }
    }

    [Fact]
    public async Task A_run_without_events_that_nobody_uses_is_gone_after_two_seconds()
    {
        var unused = Guid.NewGuid();
        await _feeds.GetAsync(unused, CancellationToken.None);
        await _feeds.AttachAsync(Some.Run, new FakeSubscriber(), 0, asConnection: false, CancellationToken.None);

        for (var second = 1; second <= 2; second++)
        {
            Assert.NotNull(_feeds.Find(unused));
            _time.Advance(TimeSpan.FromSeconds(1));
            await _store.Compared.WaitForAsync(all => all.Count >= second);
        }

        Assert.Null(_feeds.Find(unused));
        Assert.NotNull(_feeds.Find(Some.Run));
    }

    private static void Move(Feed feed, string userId) =>
        feed.Presence.MoveCursor(userId, "PM", Some.Ephemeral(EventTypes.CursorMove, userId, """{"nodeId":"PM"}"""));

    private sealed class SharedStore : EmptyStore, IRunStore
    {
        bool IRunStore.IsShared => true;

        public bool Fails { get; set; }

        public Arrivals<int> Compared { get; } = new();

        ValueTask<IReadOnlyList<RunPosition>> IRunStore.GetPositionsAsync(Guid[] runIds, CancellationToken cancellationToken)
        {
            Compared.Add(runIds.Length);
            return Fails ? throw new StoreException(StoreFailure.Unavailable, new TimeoutException("too slow")) : new([]);
        }
    }
}
