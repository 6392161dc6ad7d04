using System.Text.Json;
using Collab.Cli.Watch;
using Collab.Protocol;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class WatchFilterTests
{
    private static readonly Guid Log = Guid.NewGuid();

    [Fact]
    public void Events_up_to_the_number_are_left_out() => Assert.Equal([3, 4], Passing(new(2, withHistory: true, withCursors: false), 1, 2, 3, 4));

    [Fact]
    public void Those_of_a_run_that_was_erased_and_begun_again_are_not()
    {
        Assert.Equal([3, 1, 2], Passing(new(2, withHistory: true, withCursors: false), 3, 1, 2));
        Assert.Equal([1, 2, 3], Passing(new(9, withHistory: true, withCursors: false), 1, 2, 1, 2, 3)[^3..]);
    }

    [Fact]
    public void Another_log_is_known_by_its_epoch_too()
    {
        var filter = new WatchFilter(9, withHistory: false, withCursors: false);
        filter.Know(null);
        filter.Know(Log);
        Assert.Empty(Passing(filter, 5));
        filter.Know(Log);
        Assert.Empty(Passing(filter, 6));

        filter.Know(Guid.NewGuid());

        Assert.Equal([7, 8], Passing(filter, 7, 8));
    }

    [Theory]
    [InlineData(0, true, new long[] { 1, 2, 3 }, "")]
    [InlineData(0, true, new long[] { 501, 502, 510 }, "1-500 503-509")]
    [InlineData(4, true, new long[] { 3, 4, 7 }, "5-6")]
    [InlineData(4, true, new long[] { 2, 4, 5 }, "")]
    [InlineData(0, false, new long[] { 501, 502, 510 }, "503-509")]
    [InlineData(0, true, new long[] { 1, 2, 2, 3 }, "1-1")]
    [InlineData(0, false, new long[] { 1, 5, 2, 4 }, "2-4 3-3")]
    public void What_is_missing_before_an_event_is_told(long after, bool withHistory, long[] numbers, string told)
    {
        var filter = new WatchFilter(after, withHistory, withCursors: false);

        var missing = numbers.Select(n => filter.Passes(Event(n), out var gap) ? gap : null).OfType<Missing>();

        Assert.Equal(told, string.Join(' ', missing.Select(gap => $"{gap.First}-{gap.Last}")));
    }

    [Theory]
    [InlineData(false, "CURSOR_MOVE", false)]
    [InlineData(true, "CURSOR_MOVE", true)]
    [InlineData(false, "USER_JOIN", true)]
    public void Cursor_moves_come_only_if_they_are_wanted(bool wanted, string type, bool comes) =>
        Assert.Equal(comes, new WatchFilter(9, withHistory: true, wanted).Passes(Event(null) with { EventType = type }, out _));

    private static long?[] Passing(WatchFilter filter, params long?[] numbers) => [.. numbers.Where(n => filter.Passes(Event(n), out _))];

    private static CollaborationEvent Event(long? sequence) => new(Guid.Empty, sequence, "FLAG", "ada", 0, JsonElement.Parse("{}"), sequence is not null, Guid.Empty);
}
