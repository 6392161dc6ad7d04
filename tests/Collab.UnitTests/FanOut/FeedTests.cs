using System.Collections.Concurrent;
using System.Text;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>Whatever order events come in, a feed has them in order, each once and without a gap, and notices when its log was replaced.</summary>
public sealed class FeedTests
{
    private readonly Feed _feed = new(Some.Run, keep: 5, maxLagBytes: 1_000_000, new ConcurrentQueue<Feed>(), NoFeedNews.Instance, new ManualTime());

    private IEnumerable<long> Kept => _feed.Read(0)!.Events.Select(e => e.Sequence);

    [Fact]
    public void A_run_without_events_has_the_epoch_of_its_first_commit()
    {
        Assert.Equal(Placement.InOrder, _feed.Load(Some.Nothing, after: 0));
        Assert.Equal((Some.Epoch, 0, 0, false), Position(_feed.Read(0)!));

        Assert.Equal(Placement.InOrder, Commit(1));

        Assert.Equal((Some.Epoch, 1, 1, false), Position(_feed.Read(0)!));
    }

    [Fact]
    public void Commits_during_the_load_come_after_what_was_read()
    {
        Assert.Equal(Placement.InOrder, Commit(4));
        Assert.Equal(Placement.InOrder, Commit(5));
        Assert.Equal(Placement.InOrder, Commit(3));

        Assert.Equal(Placement.InOrder, _feed.Load(Some.Snapshot(1, 3), after: 0));

        Assert.Equal([1, 2, 3, 4, 5], Kept);
    }

    [Fact]
    public void The_first_event_of_all_can_come_during_the_load()
    {
        Commit(1);

        Assert.Equal(Placement.InOrder, _feed.Load(Some.Nothing, after: 0));

        Assert.Equal((Some.Epoch, 1, 1, false), Position(_feed.Read(0)!));
    }

    [Fact]
    public void A_gap_is_held_back_and_filled_from_the_store()
    {
        _feed.Load(Some.Snapshot(1, 2), after: 0);

        Assert.Equal(Placement.Gap, Commit(4));
        Assert.Equal(Placement.Gap, Commit(6));
        Assert.Equal([1, 2], Kept);

        Assert.Equal(Placement.Gap, _feed.Load(Some.Snapshot(3, 4), after: 2));
        Assert.Equal([1, 2, 3, 4], Kept);
        Assert.Equal(Placement.InOrder, Commit(5));
        Assert.Equal([2, 3, 4, 5, 6], Kept);
    }

    [Fact]
    public void An_event_that_is_there_is_ignored()
    {
        _feed.Load(Some.Snapshot(1, 3), after: 0);

        Assert.Equal(Placement.InOrder, Commit(2));
        Assert.Equal(Placement.InOrder, _feed.Load(Some.Snapshot(2, 3), after: 1));

        Assert.Equal([1, 2, 3], Kept);
    }

    [Fact]
    public void Another_epoch_is_another_log()
    {
        _feed.Load(Some.Snapshot(1, 3), after: 0);

        Assert.Equal(Placement.Gap, _feed.Committed(Some.OtherEpoch, Some.Event(4)));
        Assert.Equal(Placement.OtherLog, _feed.Load(Some.Snapshot(4, 5, Some.OtherEpoch), after: 3));
    }

    [Fact]
    public void A_late_event_of_a_log_that_was_erased_is_dropped()
    {
        _feed.Committed(Some.OtherEpoch, Some.Event(500));
        _feed.Load(Some.Snapshot(1, 3), after: 0);

        Assert.Equal(Placement.Gap, _feed.Committed(Some.OtherEpoch, Some.Event(4)));
        Assert.True(_feed.IsBehind);
        // What is read next may have been asked for before that event was committed; what is read then was not.
        Assert.Equal(Placement.Gap, _feed.Load(Some.Snapshot(4, 3), after: 3));
        Assert.Equal(Placement.InOrder, _feed.Load(Some.Snapshot(4, 3), after: 3));
        Assert.False(_feed.IsBehind);

        Assert.Equal(Placement.InOrder, Commit(4));
        Assert.Equal([1, 2, 3, 4], Kept);
    }

    [Fact]
    public void A_store_that_lost_what_the_feed_had_when_it_was_asked_is_another_log()
    {
        _feed.Load(Some.Snapshot(1, 3), after: 0);

        Assert.Equal(Placement.OtherLog, _feed.Load(Some.Snapshot(1, 2), after: 3));
        Assert.Equal(Placement.OtherLog, _feed.Load(Some.Erased, after: 3));
    }

    [Fact]
    public void What_was_committed_while_the_store_was_read_does_not_make_it_another_log()
    {
        _feed.Load(Some.Snapshot(1, 3), after: 0);
        Commit(4);
        Commit(5);

        Assert.Equal(Placement.InOrder, _feed.Load(Some.Snapshot(4, 4), after: 3));

        Assert.Equal([1, 2, 3, 4, 5], Kept);
    }

    [Fact]
    public void The_first_commit_while_the_store_was_read_does_not_make_it_another_log()
    {
        _feed.Load(Some.Nothing, after: 0);
        Commit(1);

        Assert.Equal(Placement.InOrder, _feed.Load(Some.Nothing, after: 0));
    }

    [Fact]
    public void What_was_trimmed_before_it_was_read_cannot_be_skipped()
    {
        _feed.Load(Some.Snapshot(1, 3), after: 0);

        Assert.Equal(Placement.OtherLog, _feed.Load(Some.Snapshot(7, 9), after: 3));
    }

    [Fact]
    public void More_held_back_than_fits_is_read_from_the_store_instead()
    {
        _feed.Load(Some.Snapshot(1, 1), after: 0);
        for (var sequence = 3; sequence < 3 + 4096 + 10; sequence++) Assert.Equal(Placement.Gap, Commit(sequence));

        Assert.Equal(Placement.Gap, _feed.Load(Some.Snapshot(2, 2), after: 1));
        Assert.Equal(4098, _feed.LastSequence);
        Assert.Equal(Placement.InOrder, _feed.Load(Some.Snapshot(4099, 4108), after: 4098));
        Assert.Equal(4108, _feed.LastSequence);
    }

    [Theory]
    [InlineData(0, true, new long[] { 4, 5, 6, 7, 8 })]
    [InlineData(2, true, new long[] { 4, 5, 6, 7, 8 })]
    [InlineData(3, false, new long[] { 4, 5, 6, 7, 8 })]
    [InlineData(6, false, new long[] { 7, 8 })]
    [InlineData(8, false, new long[0])]
    [InlineData(99, false, new long[0])]
    public void A_view_says_whether_events_after_the_position_are_gone(long after, bool truncated, long[] events)
    {
        _feed.Load(Some.Snapshot(1, 8), after: 0);
        var view = _feed.Read(after)!;

        Assert.Equal((Some.Epoch, 8, 4, truncated), Position(view));
        Assert.Equal(events, view.Events.Select(e => e.Sequence));
    }

    [Fact]
    public void The_state_covers_what_is_no_longer_kept()
    {
        _feed.Load(Some.Nothing, after: 0);
        _feed.Committed(Some.Epoch, Some.Event(1, "GRAFT", """{"after":"PM","agentName":"x"}"""));
        for (var sequence = 2; sequence <= 20; sequence++) Commit(sequence);

        var state = Encoding.UTF8.GetString(_feed.State);
        Assert.StartsWith("""{"asOfSequence":20,"grafts":{"PM":{"agentName":"x","userId":"alice","sequenceNumber":1}}""", state, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_that_is_followed_does_not_retire_and_a_retired_one_takes_nobody()
    {
        _feed.Load(Some.Snapshot(1, 1), after: 0);
        var subscriber = new FakeSubscriber();
        Assert.NotNull(_feed.Attach(subscriber, 0, asConnection: true));
        Assert.False(_feed.RetireIfUnused(evenIfPolled: false));

        _feed.Detach(subscriber, asConnection: true);
        Assert.True(_feed.RetireIfUnused(evenIfPolled: false));
        Assert.Null(_feed.Attach(new FakeSubscriber(), 0, asConnection: true));
    }

    [Fact]
    public void A_feed_that_is_not_loaded_or_that_is_polled_does_not_retire()
    {
        Assert.False(_feed.RetireIfUnused(evenIfPolled: false));
        _feed.Load(Some.Nothing, after: 0);
        _feed.Presence.Polled(Some.Caller("carol"), until: 6);
        Assert.False(_feed.RetireIfUnused(evenIfPolled: false));

        _feed.Presence.Second(now: 6);
        Assert.True(_feed.RetireIfUnused(evenIfPolled: false));
    }

    [Fact]
    public void Ending_a_feed_cuts_off_everybody_with_the_reason()
    {
        _feed.Load(Some.Nothing, after: 0);
        FakeSubscriber[] all = [new("alice"), new("bob")];
        foreach (var subscriber in all) _feed.Attach(subscriber, 0, asConnection: true);

        _feed.Retire(Ending.Erased);

        Assert.All(all, s => Assert.Equal([Ending.Erased], s.CutOffs.All));
    }

    private Placement Commit(long sequence) => _feed.Committed(Some.Epoch, Some.Event(sequence));

    private static (Guid, long, long, bool) Position(RunView view) => (view.Epoch, view.LastSequence, view.OldestSequence, view.Truncated);
}
