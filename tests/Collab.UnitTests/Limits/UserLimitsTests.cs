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
        for (var i = 0; i < 5; i++) limits.TakePublish("alice");

        var refusal = Assert.Throws<RefusedException>(() => limits.TakePublish("alice"));

        Assert.Equal((CollabErrorCode.RateLimited, TimeSpan.FromMilliseconds(500)), (refusal.Code, refusal.RetryAfter));
        limits.TakePublish("bob");
        limits.TakeCursorMove("alice");
        _time.Advance(TimeSpan.FromSeconds(1));
        limits.TakePublish("alice");
    }

    [Fact]
    public void The_limit_per_minute_holds_where_the_one_per_second_does_not()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishPerMinute) = (0, 60));
        for (var i = 0; i < 60; i++) limits.TakePublish("alice");

        Assert.Throws<RefusedException>(() => limits.TakePublish("alice"));
        _time.Advance(TimeSpan.FromSeconds(1.01));
        limits.TakePublish("alice");
    }

    [Fact]
    public void Cursor_moves_have_a_limit_of_their_own()
    {
        var limits = Limits(l => l.CursorPerSecond = 2);
        limits.TakeCursorMove("alice");
        limits.TakeCursorMove("alice");

        Assert.Throws<RefusedException>(() => limits.TakeCursorMove("alice"));
        limits.TakePublish("alice");
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishPerMinute, l.CursorPerSecond, l.ConnectionsPerUser) = (0, 0, 0, 0));
        for (var i = 0; i < 10_000; i++)
        {
            limits.TakePublish("alice");
            limits.TakeCursorMove("alice");
            limits.Connect("alice");
        }
    }

    [Fact]
    public void A_user_who_comes_back_soon_is_still_known_and_has_not_got_a_new_burst()
    {
        var limits = Limits(l => (l.PublishPerSecond, l.PublishPerMinute) = (0, 1));
        limits.TakePublish("alice");

        _time.Advance(TimeSpan.FromSeconds(30));
        limits.Sweep();

        Assert.Throws<RefusedException>(() => limits.TakePublish("alice"));
        _time.Advance(TimeSpan.FromMinutes(3));
        limits.Sweep();
        limits.TakePublish("alice");
    }

    [Fact]
    public void A_user_has_so_many_connections_and_gets_one_back_for_each_that_ends()
    {
        var limits = Limits(l => l.ConnectionsPerUser = 2);
        var first = limits.Connect("alice");
        limits.Connect("alice");

        var refusal = Assert.Throws<RefusedException>(() => limits.Connect("alice"));
        Assert.Equal(CollabErrorCode.RateLimited, refusal.Code);
        Assert.NotNull(refusal.RetryAfter);
        limits.Connect("bob");
        first.Dispose();
        first.Dispose();
        limits.Connect("alice");
        Assert.Throws<RefusedException>(() => limits.Connect("alice"));
    }

    private UserLimits Limits(Action<LimitOptions> configure) => new(Some.Options(o => configure(o.Limits)), _time);
}
