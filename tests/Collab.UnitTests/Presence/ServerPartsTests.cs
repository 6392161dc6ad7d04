using Collab.AspNetCore.Presence;
using Xunit;

namespace Collab.UnitTests.Presence;

/// <summary>What is known of another server's users after each message, whichever of them came.</summary>
public sealed class ServerPartsTests
{
    private static readonly Guid Server = Guid.Parse("bbbbbbbb-0000-4000-8000-000000000001");
    private readonly ServerParts _parts = new();

    [Fact]
    public void Changes_that_follow_each_other_leave_no_gap()
    {
        Assert.Equal((Hearing.Whole, null), Hear(Extent.Changes, version: 3, before: 0, "ana"));
        Assert.Equal((Hearing.Whole, null), Hear(Extent.Changes, version: 7, before: 3, "ben"));
        Assert.Equal((Hearing.Gap, null), Hear(Extent.Changes, version: 9, before: 8, "carl"));
        Assert.Equal((Hearing.Late, null), Hear(Extent.Changes, version: 9, before: 8, "carl"));
        Assert.Equal(9, _parts.ToldBy(Server));
    }

    [Fact]
    public void All_in_one_message_are_all_whatever_came_before()
    {
        Hear(Extent.Changes, version: 3, before: 0, "ana");
        Assert.Equal((Hearing.Whole, "ben"), Hear(Extent.All, version: 9, before: 8, "ben"));
        Assert.Equal((Hearing.Late, null), Hear(Extent.All, version: 8, before: 3, "carl"));
    }

    [Fact]
    public void All_in_several_messages_are_known_with_the_last()
    {
        Assert.Equal((Hearing.Whole, null), Hear(Extent.First, version: 5, before: 3, "ana"));
        Assert.Equal((Hearing.Whole, null), Hear(Extent.Next, version: 6, before: 5, "ben"));
        Assert.Equal((Hearing.Whole, "ana ben carl"), Hear(Extent.Last, version: 7, before: 6, "carl"));
        Assert.Equal((Hearing.Whole, null), Hear(Extent.Changes, version: 8, before: 7, "ana"));
    }

    [Fact]
    public void Of_those_that_a_message_is_missing_of_nobody_is_taken_for_gone()
    {
        Hear(Extent.First, version: 5, before: 3, "ana");
        Assert.Equal((Hearing.Gap, null), Hear(Extent.Last, version: 7, before: 6, "carl"));
        // The first one, and its followers too late.
        Hear(Extent.First, version: 10, before: 7, "ana");
        Hear(Extent.Changes, version: 12, before: 11, "dora");
        Assert.Equal((Hearing.Late, null), Hear(Extent.Last, version: 11, before: 10, "carl"));
        Assert.Equal((Hearing.Whole, "ana"), Hear(Extent.All, version: 13, before: 12, "ana"));
    }

    [Fact]
    public void What_was_told_by_a_server_that_is_gone_is_forgotten()
    {
        Hear(Extent.Changes, version: 5, before: 0, "ana");
        _parts.Forget(Server);
        Assert.Equal(0, _parts.ToldBy(Server));
    }

    private (Hearing Hearing, string? All) Hear(Extent extent, long version, long before, string user)
    {
        var hearing = _parts.Hear(Server, new(version, before, extent, [new(user, IsHere: true, null, null, null)]), out var all);
        return (hearing, all is null ? null : string.Join(' ', all.Order(StringComparer.Ordinal)));
    }
}
