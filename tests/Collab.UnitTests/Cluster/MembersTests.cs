using Collab.AspNetCore.Cluster;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>Who is there, who has ended in order, and who has only fallen silent.</summary>
public sealed class MembersTests
{
    private static readonly Guid Other = Guid.Parse("bbbbbbbb-0000-4000-8000-000000000001");
    private readonly ManualTime _time = new();
    private readonly Members _members;

    public MembersTests() => _members = new(_time);

    [Fact]
    public void One_that_falls_silent_is_gone_after_six_seconds()
    {
        Beat(Other);
        Pass(seconds: 6);
        Assert.Empty(_members.TakeGone());

        Pass(seconds: 1);

        Assert.Equal([Other], _members.TakeGone());
        Assert.Empty(_members.Others);
    }

    /// <summary>Heartbeats come at different times, so one of two is heard last when the bus falls silent.</summary>
    [Fact]
    public void Where_the_bus_is_silent_nobody_is_taken_for_gone()
    {
        Beat(Other);
        _time.Advance(TimeSpan.FromSeconds(0.9));
        _members.Echoed();
        for (var tenths = 0; tenths < 100; tenths++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Empty(_members.TakeGone());
        }

        _members.Echoed();
        Assert.Empty(_members.TakeGone());
        Pass(seconds: 7);
        Assert.Equal([Other], _members.TakeGone());
    }

    [Fact]
    public void One_that_drains_and_falls_silent_has_as_long_as_one_that_says_goodbye()
    {
        Beat(Other, DrainState.Closing);
        Pass(seconds: 10);
        Assert.Empty(_members.TakeGone());

        Pass(seconds: 1);

        Assert.Equal([Other], _members.TakeGone());
    }

    [Fact]
    public void One_that_says_goodbye_is_leaving_at_once_and_its_users_are_kept_for_the_grace()
    {
        Beat(Other);
        _members.Left(Other);
        Assert.True(Assert.Single(_members.Others).IsLeaving);
        Assert.False(_members.IsThere(Other));
        // From before its goodbye.
        Assert.False(_members.Heard(Other, VitalsOf(DrainState.Serving)));
        Pass(seconds: 9);
        Assert.Equal((Other, TimeSpan.FromSeconds(1)), Assert.Single(_members.DepartedAt(_time.GetTimestamp())));
        Assert.Empty(_members.TakeGone());

        Pass(seconds: 1);

        Assert.Equal([Other], _members.TakeGone());
        Assert.Empty(_members.DepartedAt(_time.GetTimestamp()));
    }

    /// <summary>Each server passes on what is left, or users who never come back would go round for ever.</summary>
    [Fact]
    public void Another_servers_word_of_a_goodbye_counts_once_and_for_no_longer_than_the_grace()
    {
        Beat(_members.Self);
        _members.Left(Other, TimeSpan.FromSeconds(4));
        Pass(seconds: 2);
        _members.Left(Other, TimeSpan.FromHours(1));
        Assert.Equal((Other, TimeSpan.FromSeconds(2)), Assert.Single(_members.DepartedAt(_time.GetTimestamp())));
        Pass(seconds: 2);

        Assert.Equal([Other], _members.TakeGone());
        _members.Left(Other, TimeSpan.FromHours(1));
        Assert.Equal((Other, TimeSpan.FromSeconds(10)), Assert.Single(_members.DepartedAt(_time.GetTimestamp())));
        _members.Left(_members.Self, TimeSpan.FromSeconds(4));
        Assert.Single(_members.DepartedAt(_time.GetTimestamp()));
    }

    [Fact]
    public void Two_heartbeats_that_are_missing_are_a_doubt_which_ends_some_time_after_they_come_again()
    {
        Beat(Other);
        Pass(seconds: 4, others: [Other]);
        Assert.True(_members.HearsAll);

        Pass(seconds: 3);
        Assert.False(_members.HearsAll);

        Pass(seconds: 3, others: [Other]);
        Assert.False(_members.HearsAll);
        Pass(seconds: 2, others: [Other]);
        Assert.True(_members.HearsAll);
    }

    [Fact]
    public void One_that_is_gone_without_a_word_may_still_be_writing()
    {
        Beat(Other);
        Pass(seconds: 7);
        _members.TakeGone();
        Pass(seconds: 500);
        _members.TakeGone();
        Assert.False(_members.HearsAll);
        Assert.True(_members.IsAlone);

        Pass(seconds: 101);
        _members.TakeGone();

        Assert.True(_members.HearsAll);
    }

    [Fact]
    public void One_that_ends_in_order_leaves_no_doubt()
    {
        Beat(Other);
        Pass(seconds: 4, others: [Other]);
        _members.Left(Other);
        Pass(seconds: 4);

        Assert.True(_members.HearsAll);
    }

    private static Vitals VitalsOf(DrainState state) => new("other", "1.0.0", DateTimeOffset.UnixEpoch, 0, 0) { State = state };

    private void Beat(Guid other, DrainState state = DrainState.Serving)
    {
        _members.Echoed();
        if (other != _members.Self) _members.Heard(other, VitalsOf(state));
    }

    /// <summary>Time passes, and each second this server hears itself, and the others that still speak.</summary>
    private void Pass(int seconds, params Guid[] others)
    {
        for (; seconds > 0; seconds--)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _members.Echoed();
            foreach (var other in others) _members.Heard(other, VitalsOf(DrainState.Serving));
        }
    }
}
