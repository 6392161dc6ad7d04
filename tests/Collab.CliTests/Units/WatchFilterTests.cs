using System.Text.Json;
using Collab.Cli.Watch;
using Collab.Protocol;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class WatchFilterTests
{
    [Fact]
    public void Events_up_to_the_number_are_left_out()
    {
        var filter = new WatchFilter(2, withCursors: false);

        Assert.Equal([3, 4], new long?[] { 1, 2, 3, 4 }.Where(n => filter.Passes(Event(n))));
    }

    [Fact]
    public void Those_of_a_run_that_was_erased_and_begun_again_are_not()
    {
        var filter = new WatchFilter(2, withCursors: false);

        Assert.Equal([3, 1, 2], new long?[] { 3, 1, 2 }.Where(n => filter.Passes(Event(n))));
    }

    [Theory]
    [InlineData(false, "CURSOR_MOVE", false)]
    [InlineData(true, "CURSOR_MOVE", true)]
    [InlineData(false, "USER_JOIN", true)]
    public void Cursor_moves_come_only_if_they_are_wanted(bool wanted, string type, bool comes) =>
        Assert.Equal(comes, new WatchFilter(9, wanted).Passes(Event(null) with { EventType = type }));

    private static CollaborationEvent Event(long? sequence) => new(Guid.Empty, sequence, "FLAG", "ada", 0, JsonElement.Parse("{}"), sequence is not null, Guid.Empty);
}
