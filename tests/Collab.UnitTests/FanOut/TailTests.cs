using Collab.AspNetCore.FanOut;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>The newest events and no more, from any position.</summary>
public sealed class TailTests
{
    private readonly Tail _tail = new(capacity: 3);

    [Fact]
    public void Before_the_first_event_there_is_nothing()
    {
        Assert.Equal((0, 0, 0), (_tail.Last, _tail.Oldest, _tail.Bytes));
        Assert.Empty(_tail.After(0));
    }

    [Fact]
    public void The_oldest_goes_when_there_are_too_many()
    {
        var events = Some.Events(7, 11);
        foreach (var e in events) _tail.Add(e);

        Assert.Equal((11, 9), (_tail.Last, _tail.Oldest));
        Assert.Equal(events[2..].Sum(e => e.Json.Length), _tail.Bytes);
    }

    [Theory]
    [InlineData(0, new long[] { 9, 10, 11 })]
    [InlineData(8, new long[] { 9, 10, 11 })]
    [InlineData(9, new long[] { 10, 11 })]
    [InlineData(11, new long[0])]
    [InlineData(long.MaxValue, new long[0])]
    public void Events_after_a_position_are_ascending(long after, long[] expected)
    {
        foreach (var e in Some.Events(7, 11)) _tail.Add(e);

        Assert.Equal(expected, _tail.After(after).Select(e => e.Sequence));
    }
}
