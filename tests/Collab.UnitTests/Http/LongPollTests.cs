using Collab.AspNetCore;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Http;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Http;

/// <summary>A poll that waits is answered by others' news alone, and its user is present as long as it waits and three intervals more.</summary>
public sealed class LongPollTests : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ManualTime _time = new();
    private readonly Feeds _feeds;
    private readonly LongPoll _polls;
    private readonly FeedUpkeep _upkeep;
    private readonly ServiceProvider _services;
    private Feed _feed = null!;

    public LongPollTests()
    {
        var options = Some.Options(o => (o.Polling.IntervalMs, o.Limits.ConnectionsPerUser) = ((int)Interval.TotalMilliseconds, 2));
        var healer = new FeedHealer(Some.Metrics(), _time, NullLogger<FeedHealer>.Instance);
        _feeds = Some.Feeds(new EmptyStore(), healer, options, _time);
        _polls = new(_feeds, new UserLimits(options, new(), _time), Some.Monitor(_time), options, _time);
        _services = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddSingleton<IRunAuthorizer, ClaimRunAuthorizer>().AddLogging()
            .AddSingleton<RunRights>().BuildServiceProvider();
        _upkeep = new(_feeds, new EmptyStore(), healer, NoFeedNews.Instance, options, _time);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_first_poll_is_not_answered_by_its_own_coming_but_by_somebody_elses()
    {
        using var leaves = new CancellationTokenSource();
        var follower = new FakeSubscriber();
        (await _feeds.GetAsync(Some.Run, CancellationToken.None)).Attach(follower, 0, asConnection: false);
        var poll = await BeginAsync("alice", leaves.Token);
        _feeds.Tick();
        await follower.Frames.WaitForAsync(all => all.Any(f => f.Users is ["alice"]));
        Assert.False(poll.IsCompleted);

        _feed.Attach(new FakeSubscriber("bob"), 0, asConnection: true);
        _feeds.Tick();

        Assert.Equal(["alice", "bob"], (await poll.WaitAsync(Patience.Default)).ActiveUsers);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_is_present_for_three_intervals_more()
    {
        using var leaves = new CancellationTokenSource();
        var poll = await BeginAsync("alice", leaves.Token);
        _time.Advance(TimeSpan.FromSeconds(20));
        _upkeep.Sweep(TimeSpan.FromMinutes(1));
        Assert.Equal(["alice"], _feed.ActiveUsers);

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll.WaitAsync(Patience.Default));

        _time.Advance((3 * Interval) - TimeSpan.FromMilliseconds(1));
        _upkeep.Sweep(TimeSpan.FromMinutes(1));
        Assert.Equal(["alice"], _feed.ActiveUsers);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _upkeep.Sweep(TimeSpan.FromMinutes(1));
        Assert.Empty(_feed.ActiveUsers);
    }

    [Fact]
    public async Task The_wall_clock_has_no_say_in_who_is_present()
    {
        _feed = await _feeds.GetAsync(Some.Run, CancellationToken.None);
        await PollAsync("alice", TimeSpan.Zero, CancellationToken.None);
        _time.SetWallClockBack(TimeSpan.FromHours(1));

        _time.Advance(3 * Interval);
        _upkeep.Sweep(TimeSpan.FromMinutes(1));

        Assert.Empty(_feed.ActiveUsers);
    }

    [Fact]
    public async Task So_many_polls_of_a_user_wait()
    {
        using var leaves = new CancellationTokenSource();
        Task<RunView>[] waiting = [await BeginAsync("alice", leaves.Token), await BeginAsync("alice", leaves.Token)];

        var refused = await Assert.ThrowsAsync<RefusedException>(() => PollAsync("alice", Wait, leaves.Token));

        Assert.Equal(CollabErrorCode.RateLimited, refused.Code);
        Assert.All(waiting, poll => Assert.False(poll.IsCompleted));
        await PollAsync("alice", TimeSpan.Zero, leaves.Token);
        await leaves.CancelAsync();
    }

    private async Task<Task<RunView>> BeginAsync(string user, CancellationToken aborted)
    {
        _feed = await _feeds.GetAsync(Some.Run, CancellationToken.None);
        // Nothing on its way to the wait has to wait itself.
        return PollAsync(user, Wait, aborted);
    }

    private Task<RunView> PollAsync(string user, TimeSpan wait, CancellationToken aborted) =>
        _polls.ReadAsync(new DefaultHttpContext { RequestAborted = aborted, RequestServices = _services }, _feed, Some.Caller(user), new(After: 0, wait)).AsTask();
}
