using Collab.AspNetCore;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>What one user sends too much of is refused, with a time to come back, and costs nobody else anything.</summary>
public sealed class UserLimitsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Past_the_burst_a_user_is_refused_and_another_is_not()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishBurst) = (2, 5));
        for (var i = 0; i < 5; i++) limits.TakePublish(Some.Caller("alice"));

        var refusal = Assert.Throws<RefusedException>(() => limits.TakePublish(Some.Caller("alice")));

        Assert.Equal((CollabErrorCode.RateLimited, TimeSpan.FromMilliseconds(500)), (refusal.Code, refusal.RetryAfter));
        limits.TakePublish(Some.Caller("bob"));
        limits.TakeCursorMove(Some.Caller("alice"));
        _time.Advance(TimeSpan.FromSeconds(1));
        limits.TakePublish(Some.Caller("alice"));
    }

    [Fact]
    public void Agents_have_limits_of_their_own_and_the_peoples_where_they_have_none()
    {
        var limits = Limits(l =>
        {
            (l.PublishPerSecond, l.PublishBurst, l.CursorPerSecond, l.ConnectionsPerUser) = (1, 1, 1, 1);
            (l.Agent.PublishBurst, l.Agent.ConnectionsPerUser) = (3, 2);
        });
        for (var i = 0; i < 3; i++) limits.TakePublish(Some.Agent("bot"));
        Assert.Throws<RefusedException>(() => limits.TakePublish(Some.Agent("bot")));
        limits.TakePublish(Some.Caller("alice"));
        Assert.Throws<RefusedException>(() => limits.TakePublish(Some.Caller("alice")));

        limits.TakeCursorMove(Some.Agent("bot"));
        Assert.Throws<RefusedException>(() => limits.TakeCursorMove(Some.Agent("bot")));

        using var first = limits.Connect(Some.Agent("bot"));
        using var second = limits.Connect(Some.Agent("bot"));
        Assert.Throws<RefusedException>(() => limits.Connect(Some.Agent("bot")));
        using var persons = limits.Connect(Some.Caller("alice"));
        Assert.Throws<RefusedException>(() => limits.Connect(Some.Caller("alice")));
    }

    [Fact]
    public void The_limit_per_minute_holds_where_the_one_per_second_does_not()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishPerMinute) = (0, 60));
        for (var i = 0; i < 60; i++) limits.TakePublish(Some.Caller("alice"));

        var refusal = Assert.Throws<RefusedException>(() => limits.TakePublish(Some.Caller("alice")));
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(61));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Throws<RefusedException>(() => limits.TakePublish(Some.Caller("alice")));
        _time.Advance(TimeSpan.FromSeconds(2));
        limits.TakePublish(Some.Caller("alice"));
    }

    [Fact]
    public void What_the_minute_does_not_allow_costs_nothing_of_the_second()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishBurst, l.PublishPerMinute) = (10, 10, 15));
        limits.TakeAllPublishes(Some.Caller("alice"), 10);
        _time.Advance(TimeSpan.FromSeconds(1.001));

        Assert.Equal(CollabErrorCode.RateLimited, Assert.Throws<RefusedException>(() => limits.TakeAllPublishes(Some.Caller("alice"), 10)).Code);
        Assert.Equal(5, limits.TakePublishes(Some.Caller("alice"), 10, out var refusal));
        Assert.InRange(refusal!.RetryAfter!.Value, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(61));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(10, limits.TakePublishes(Some.Caller("alice"), 10, out refusal));
        Assert.Null(refusal);
    }

    [Fact]
    public void So_many_as_are_never_allowed_at_once_are_no_matter_of_time()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishBurst, l.PublishPerMinute) = (10, 20, 15));

        Assert.Equal(CollabErrorCode.InvalidEvent, Assert.Throws<RefusedException>(() => limits.TakeAllPublishes(Some.Caller("alice"), 16)).Code);
        limits.TakeAllPublishes(Some.Caller("alice"), 15);
    }

    [Fact]
    public void Cursor_moves_have_a_limit_of_their_own()
    {
        var limits = Limits(l => l.CursorPerSecond = 2);
        limits.TakeCursorMove(Some.Caller("alice"));
        limits.TakeCursorMove(Some.Caller("alice"));

        Assert.Throws<RefusedException>(() => limits.TakeCursorMove(Some.Caller("alice")));
        limits.TakePublish(Some.Caller("alice"));
    }

    [Theory]
    [InlineData(Reading.Join, "joins")]
    [InlineData(Reading.Poll, "polls")]
    [InlineData(Reading.Replay, "replays")]
    [InlineData(Reading.PastState, "past states")]
    [InlineData(Reading.List, "lists of runs")]
    [InlineData(Reading.Ping, "pings")]
    internal void Each_kind_of_reading_has_a_limit_of_its_own(Reading reading, string name)
    {
        var limits = Limits(l => (l.JoinPerSecond, l.PollPerSecond, l.ReplayPerSecond, l.PastStatePerSecond, l.ListPerSecond, l.PingPerSecond) = (1, 1, 1, 1, 1, 1));
        for (var i = 0; i < 20; i++) limits.Take(Some.Caller("alice"), reading);

        var refusal = Assert.Throws<RefusedException>(() => limits.Take(Some.Caller("alice"), reading));

        Assert.Equal($"[rate_limited] Too many {name}. Try again in 1.0 s.", refusal.Message);
        Assert.Equal(TimeSpan.FromSeconds(1), refusal.RetryAfter);
        limits.Take(Some.Caller("bob"), reading);
        foreach (var other in Enum.GetValues<Reading>().Where(other => other != reading)) limits.Take(Some.Caller("alice"), other);
    }

    [Fact]
    public void By_default_twenty_tabs_that_all_come_back_at_once_are_not_refused()
    {
        var limits = Limits(_ => { });
        for (var tab = 0; tab < 20; tab++)
        {
            for (var run = 0; run < 50; run++) limits.Take(Some.Caller("alice"), Reading.Join);
            for (var poll = 0; poll < 20; poll++) limits.Take(Some.Caller("alice"), Reading.Poll);
            for (var ping = 0; ping < 10; ping++) limits.Take(Some.Caller("alice"), Reading.Ping);
        }
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishPerMinute, l.CursorPerSecond, l.ConnectionsPerUser) = (0, 0, 0, 0));
        for (var i = 0; i < 10_000; i++)
        {
            limits.TakePublish(Some.Caller("alice"));
            limits.TakeCursorMove(Some.Caller("alice"));
            limits.Connect(Some.Caller("alice"));
        }
    }

    [Fact]
    public void A_user_who_comes_back_soon_is_still_known_and_has_not_got_a_new_burst()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishPerMinute) = (0, 1));
        limits.TakePublish(Some.Caller("alice"));

        _time.Advance(TimeSpan.FromSeconds(30));
        limits.Sweep();

        Assert.Throws<RefusedException>(() => limits.TakePublish(Some.Caller("alice")));
        _time.Advance(TimeSpan.FromMinutes(3));
        limits.Sweep();
        limits.TakePublish(Some.Caller("alice"));
    }

    [Fact]
    public void A_user_has_so_many_connections_and_gets_one_back_for_each_that_ends()
    {
        var limits = Limits(l => l.ConnectionsPerUser = 2);
        var first = limits.Connect(Some.Caller("alice"));
        limits.Connect(Some.Caller("alice"));

        var refusal = Assert.Throws<RefusedException>(() => limits.Connect(Some.Caller("alice")));
        Assert.Equal(CollabErrorCode.RateLimited, refusal.Code);
        Assert.NotNull(refusal.RetryAfter);
        limits.Connect(Some.Caller("bob"));
        first.Dispose();
        first.Dispose();
        limits.Connect(Some.Caller("alice"));
        Assert.Throws<RefusedException>(() => limits.Connect(Some.Caller("alice")));
    }

    private UserLimits Limits(Action<LimitOptions> configure) => new(Some.Options(o => configure(o.Limits)), new(), _time);
}
