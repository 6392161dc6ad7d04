using Collab.AspNetCore.Limits;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>A connection that is refused now and then does not notice it; one that goes on all the same is slowed down.</summary>
public sealed class RefusalPaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_thousand_are_told_at_once_and_the_others_a_hundred_a_second()
    {
        var pace = new RefusalPace(_time);

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(TimeSpan.Zero, pace.Next()));
        Assert.All(Enumerable.Range(1, 200), n => Assert.Equal(TimeSpan.FromMilliseconds(10 * n), pace.Next()));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(TimeSpan.Zero, pace.Next()));
        Assert.Equal(TimeSpan.FromMilliseconds(10), pace.Next());
    }

    [Fact]
    public async Task A_wait_ends_with_its_time_or_with_the_connection()
    {
        var pace = new RefusalPace(_time);
        for (var i = 0; i < 1000; i++) await pace.WaitAsync(CancellationToken.None);
        using var ended = new CancellationTokenSource();

        var first = pace.WaitAsync(CancellationToken.None);
        var second = pace.WaitAsync(ended.Token);

        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        await first;
        Assert.False(second.IsCompleted);
        await ended.CancelAsync();
        await second;
    }
}
