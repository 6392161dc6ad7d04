using Collab.AspNetCore.Presence;
using Collab.Protocol;
using Xunit;

namespace Collab.UnitTests.Presence;

/// <summary>A user with two tabs joins once and leaves once; one who polls is there until the polls stop.</summary>
public sealed class RunPresenceTests
{
    private readonly RunPresence _presence = new();

    private long? MarkOf(string userId) => _presence.Entries.Single(e => e.UserId == userId).Seen;

    [Fact]
    public void A_user_with_two_tabs_joins_once_and_leaves_once()
    {
        Assert.Equal((true, false), (_presence.Connect("alice"), _presence.Connect("alice")));
        Assert.Equal(["alice"], _presence.Users);
        Assert.Equal((false, true), (_presence.Disconnect("alice"), _presence.Disconnect("alice")));
        Assert.Equal(0, _presence.Count);
    }

    [Fact]
    public void Of_a_users_tabs_the_furthest_counts_and_a_mark_never_goes_back()
    {
        _presence.Connect("alice");
        Assert.Null(MarkOf("alice"));

        _presence.Saw("alice", 7);
        _presence.Saw("alice", 3);

        Assert.Equal(7, MarkOf("alice"));
        _presence.Saw("bob", 9);
        Assert.Equal(["alice"], _presence.Entries.Select(e => e.UserId));
    }

    [Fact]
    public void A_mark_goes_with_the_user_and_stays_while_one_tab_is_left()
    {
        _presence.Connect("alice");
        _presence.Connect("alice");
        _presence.Saw("alice", 7);

        _presence.Disconnect("alice");
        Assert.Equal(7, MarkOf("alice"));
        _presence.Disconnect("alice");
        _presence.Connect("alice");

        Assert.Null(MarkOf("alice"));
    }

    [Fact]
    public void A_user_is_what_the_newest_token_says()
    {
        _presence.Connect("bot", userName: null, ParticipantKind.Agent);
        Assert.Equal(ParticipantKind.Agent, _presence.KindOf("bot"));
        _presence.TakeChanges();

        _presence.Poll("bot", null, until: 9, ParticipantKind.Person);

        Assert.Equal(ParticipantKind.Person, _presence.KindOf("bot"));
        Assert.Equal(["bot"], _presence.TakeChanges().Select(c => c.UserId));
    }

    [Fact]
    public void A_user_who_polls_is_there_until_the_polls_stop()
    {
        Assert.True(_presence.Poll("bob", null, 6));
        Assert.False(_presence.Poll("bob", null, 8));
        Assert.False(_presence.Poll("bob", null, 2));

        Assert.Empty(_presence.Expire(7));
        Assert.Equal(["bob"], _presence.Expire(8));
        Assert.Empty(_presence.Users);
    }

    [Fact]
    public void A_user_who_goes_from_polling_to_a_connection_and_back_never_leaves()
    {
        _presence.Poll("bob", null, 6);

        Assert.False(_presence.Connect("bob"));
        Assert.Empty(_presence.Expire(9));
        Assert.False(_presence.Poll("bob", null, 20));
        Assert.False(_presence.Disconnect("bob"));
        Assert.Equal(["bob"], _presence.Expire(20));
    }

    [Fact]
    public void A_user_whose_poll_waits_is_there_and_a_while_longer_once_it_does_not()
    {
        _presence.Poll("bob", null, 6);
        _presence.BeginWait("bob");
        _presence.BeginWait("bob");
        Assert.Empty(_presence.Expire(30));

        _presence.EndWait("bob", 32);
        Assert.Empty(_presence.Expire(40));
        _presence.EndWait("bob", 46);

        Assert.Empty(_presence.Expire(45));
        Assert.Equal(["bob"], _presence.Expire(46));
    }

    [Fact]
    public void A_connection_that_ends_while_its_users_poll_waits_takes_nobody_away()
    {
        _presence.Connect("bob");
        _presence.Poll("bob", null, 6);
        _presence.BeginWait("bob");

        Assert.False(_presence.Disconnect("bob"));

        Assert.Equal(["bob"], _presence.Users);
    }

    [Fact]
    public void A_cursor_is_shown_until_it_is_taken_away_or_its_user_leaves()
    {
        _presence.Connect("alice");
        _presence.Connect("bob");
        _presence.MoveCursor("alice", "PM", "a"u8.ToArray());
        _presence.MoveCursor("bob", "SRE", "b"u8.ToArray());
        _presence.MoveCursor("nobody", "PM", "n"u8.ToArray());
        Assert.Equal([new("alice", "PM"), new("bob", "SRE")], _presence.Cursors);

        _presence.MoveCursor("alice", null, "gone"u8.ToArray());
        _presence.Disconnect("bob");

        Assert.Empty(_presence.Cursors);
        Assert.Empty(_presence.CursorMoves);
    }

    [Fact]
    public void Somebody_who_was_never_there_does_not_leave() => Assert.False(_presence.Disconnect("nobody"));

    [Fact]
    public void Who_has_a_name_is_called_by_the_newest_one()
    {
        _presence.Connect("1", "Alice");
        _presence.Connect("1");
        _presence.Poll("2", "Bob", 6);
        _presence.Poll("3", null, 6);
        _presence.Connect("2", "Robert");

        Assert.Equal([KeyValuePair.Create("1", "Alice"), KeyValuePair.Create("2", "Robert")], _presence.Names);
    }
}
