using Collab.AspNetCore.Limits;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>No minute, whichever begins when, has more than the limit.</summary>
public sealed class MinuteWindowTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Who_takes_whatever_there_is_gets_no_more_than_the_limit_in_any_minute()
    {
        const int Limit = 600;
        var window = new MinuteWindow(Limit, _time);
        var taken = new List<TimeSpan>();
        // As fast as the limits per second allow, for five minutes.
        for (var at = TimeSpan.Zero; at < TimeSpan.FromMinutes(5); at += TimeSpan.FromMilliseconds(50))
        {
            if (window.TryTake(out _)) taken.Add(at);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.All(taken, from => Assert.InRange(taken.Count(at => at >= from && at < from + TimeSpan.FromMinutes(1)), 1, Limit));
        Assert.InRange(taken.Count, 4 * Limit, 5 * Limit);
    }

    [Fact]
    public void It_says_when_there_is_room_again()
    {
        var window = new MinuteWindow(2, _time);
        _time.Advance(TimeSpan.FromSeconds(90.5));
        Assert.True(window.TryTake(out _));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(window.TryTake(out _));

        Assert.False(window.TryTake(out var retryAfter));

        Assert.InRange(retryAfter, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(51));
        _time.Advance(retryAfter);
        Assert.True(window.TryTake(out _));
        Assert.False(window.TryTake(out _));
    }

    [Fact]
    public void Several_are_taken_together_or_as_many_as_there_are()
    {
        var window = new MinuteWindow(10, _time);
        Assert.True(window.TryTake(out _, 3));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(4, window.TakeUpTo(4, out var wait));
        Assert.Equal(TimeSpan.Zero, wait);

        Assert.False(window.TryTake(out wait, 7));
        Assert.Equal(TimeSpan.FromSeconds(61), wait);
        Assert.False(window.TryTake(out wait, 4));
        Assert.Equal(TimeSpan.FromSeconds(51), wait);
        Assert.Equal(3, window.TakeUpTo(7, out wait));
        Assert.Equal(TimeSpan.FromSeconds(51), wait);
        _time.Advance(wait);
        Assert.True(window.TryTake(out _, 3));
        Assert.False(window.TryTake(out _));
    }

    [Fact]
    public void After_a_long_pause_all_of_it_is_there()
    {
        var window = new MinuteWindow(3, _time);
        for (var pause = 0; pause < 4; pause++)
        {
            Assert.Equal(3, Enumerable.Range(0, 5).Count(_ => window.TryTake(out var _)));
            _time.Advance(TimeSpan.FromHours(7));
        }
    }
}
