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
        Assert.InRange(_tail.Bytes, events[2..].Sum(e => e.Json.Length), events[2..].Sum(e => e.Json.Length + 250));
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
        Assert.Equal(expected, _tail.After(after, upTo: long.MaxValue, maxBytes: long.MaxValue).Select(e => e.Sequence));
    }

    [Fact]
    public void However_many_have_come_the_newest_are_there_in_their_order()
    {
        var tail = new Tail(capacity: 20);
        foreach (var e in Some.Events(1, 100))
        {
            tail.Add(e);

            long[] expected = [.. Enumerable.Range(1, 100).Select(n => (long)n).Where(n => n <= e.Sequence && n > e.Sequence - 20)];
            Assert.Equal(expected, tail.After(0).Select(kept => kept.Sequence));
            Assert.Equal(expected[^1..], tail.After(e.Sequence - 1).Select(kept => kept.Sequence));
            var middle = expected[expected.Length / 2];
            Assert.Equal([middle], tail.After(middle - 1, upTo: middle, long.MaxValue).Select(kept => kept.Sequence));
        }
    }

    [Theory]
    [InlineData(0, 11, 1, new long[] { 9 })]
    [InlineData(9, 11, 0, new long[] { 10 })]
    [InlineData(0, 11, 600, new long[] { 9, 10 })]
    [InlineData(0, 10, 10_000, new long[] { 9, 10 })]
    [InlineData(10, 10, 10_000, new long[0])]
    public void A_piece_is_bounded_in_bytes_and_by_its_end_and_is_never_empty_without_need(long after, long upTo, int maxBytes, long[] expected)
    {
        foreach (var e in Some.Events(7, 11)) _tail.Add(e);
        Assert.InRange(_tail.After(0)[0].Json.Length, 151, 299);

        Assert.Equal(expected, _tail.After(after, upTo, maxBytes).Select(e => e.Sequence));
    }

    [Fact]
    public void What_was_let_go_is_missing_until_it_is_taken_back()
    {
        foreach (var e in Some.Events(1, 3)) _tail.Add(e);

        _tail.LetGo();

        Assert.Equal((3, 1, 0), (_tail.Last, _tail.Oldest, _tail.Bytes));
        Assert.Equal((false, false, true), (_tail.Holds(0), _tail.Holds(2), _tail.Holds(3)));

        _tail.TakeBack(Some.Events(1, 3));

        Assert.True(_tail.Holds(0));
        Assert.Equal([1, 2, 3], _tail.After(0).Select(e => e.Sequence));
        Assert.True(_tail.Bytes > 0);
    }

    [Fact]
    public void Events_that_came_since_follow_what_is_taken_back()
    {
        foreach (var e in Some.Events(1, 3)) _tail.Add(e);
        _tail.LetGo();
        _tail.Add(Some.Event(4));
        Assert.Equal((false, true), (_tail.Holds(2), _tail.Holds(3)));

        // The store is ahead of the feed, and keeps no more than the feed does.
        _tail.TakeBack(Some.Events(2, 5));

        Assert.Equal([2, 3, 4], _tail.After(0).Select(e => e.Sequence));
        Assert.Equal((4, 2), (_tail.Last, _tail.Oldest));
        _tail.Add(Some.Event(5));
        Assert.Equal([3, 4, 5], _tail.After(0).Select(e => e.Sequence));
    }

    [Fact]
    public void What_the_store_has_trimmed_is_no_longer_kept()
    {
        foreach (var e in Some.Events(1, 3)) _tail.Add(e);
        _tail.LetGo();

        _tail.TakeBack(Some.Events(3, 5));

        Assert.Equal((3, 3), (_tail.Last, _tail.Oldest));
        Assert.True(_tail.Holds(0));
    }

    [Fact]
    public void An_answer_with_a_hole_is_not_taken()
    {
        foreach (var e in Some.Events(1, 3)) _tail.Add(e);
        _tail.LetGo();

        _tail.TakeBack(Some.Events(1, 2));

        Assert.False(_tail.Holds(0));
    }
}
