using Collab.AspNetCore.Limits;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>So many at once after a pause, so many per second on average, and when to come back.</summary>
public sealed class TokenBucketTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_burst_goes_through_and_then_one_per_interval()
    {
        var bucket = new TokenBucket(perSecond: 10, capacity: 3, _time);

        Assert.Equal(3, Taken(bucket, 5));
        Assert.False(bucket.TryTake(out var retryAfter));
        Assert.Equal(TimeSpan.FromMilliseconds(100), retryAfter);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(0, Taken(bucket, 1));
        _time.Advance(TimeSpan.FromMilliseconds(1.001));
        Assert.Equal(1, Taken(bucket, 2));
    }

    [Fact]
    public void A_long_pause_fills_it_to_its_capacity_and_no_further()
    {
        var bucket = new TokenBucket(perSecond: 10, capacity: 3, _time);
        Taken(bucket, 3);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(3, Taken(bucket, 10));
    }

    [Fact]
    public void Many_small_steps_add_up_to_the_average()
    {
        var bucket = new TokenBucket(perSecond: 20, capacity: 1, _time);
        var taken = 0;
        for (var i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            taken += Taken(bucket, 1);
        }
        Assert.InRange(taken, 195, 201);
    }

    [Fact]
    public void Several_are_taken_together_or_as_many_as_there_are()
    {
        var bucket = new TokenBucket(perSecond: 10, capacity: 30, _time);
        Assert.Equal(20, bucket.TakeUpTo(20, out var wait));
        Assert.Equal(TimeSpan.Zero, wait);

        Assert.False(bucket.TryTake(out wait, 12));
        Assert.Equal(TimeSpan.FromMilliseconds(200), wait);
        Assert.Equal(10, bucket.TakeUpTo(12, out wait));
        Assert.Equal(TimeSpan.FromMilliseconds(200), wait);
        // Nobody who has many to send comes back for each: a second's worth is worth coming for.
        Assert.Equal(0, bucket.TakeUpTo(100, out wait));
        Assert.Equal(TimeSpan.FromSeconds(1), wait);
        _time.Advance(TimeSpan.FromSeconds(1.001));
        Assert.True(bucket.TryTake(out _, 10));
        bucket.GiveBack(40);
        Assert.Equal(30, bucket.TakeUpTo(100, out _));
    }

    private static int Taken(TokenBucket bucket, int tries) => Enumerable.Range(0, tries).Count(_ => bucket.TryTake(out TimeSpan _));
}
