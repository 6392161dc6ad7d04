using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Store;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>A feed that reads from the store while its own server goes on committing stays the same log: nobody who follows it is cut off.</summary>
public sealed class FeedLoadTests
{
    private static readonly Guid Run = Guid.NewGuid();
    private static readonly Guid Epoch = Guid.NewGuid();

    private readonly Feed _feed = new(Run, Epoch, keep: 1000, maxLagBytes: 1 << 20, new(), TimeProvider.System);

    [Fact]
    public void What_was_committed_while_the_store_was_read_is_not_another_log()
    {
        _feed.Load(null, after: 0);
        Commit(1, 2, 3);
        var asked = _feed.LastSequence;
        var read = Snapshot(last: 4, Event(4));
        Commit(4, 5, 6);

        Assert.Equal(Placement.InOrder, _feed.Load(read, asked));
        Assert.Equal([1, 2, 3, 4, 5, 6], _feed.Read(0).Events.Select(e => e.Sequence));
    }

    [Fact]
    public void A_run_that_began_while_the_store_was_read_is_not_another_log()
    {
        _feed.Load(null, after: 0);
        Commit(1);

        Assert.Equal(Placement.InOrder, _feed.Load(null, after: 0));
        Assert.Equal(1, _feed.LastSequence);
    }

    [Fact]
    public void A_store_that_has_less_than_the_feed_had_when_it_was_asked_is_another_log()
    {
        _feed.Load(null, after: 0);
        Commit(1, 2, 3);

        Assert.Equal(Placement.OtherLog, _feed.Load(Snapshot(last: 2), after: 3));
        Assert.Equal(Placement.OtherLog, _feed.Load(null, after: 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_late_event_of_an_erased_log_is_dropped_and_not_waited_for(bool hasBegunAgain)
    {
        _feed.Load(null, after: 0);
        Assert.Equal(Placement.Gap, _feed.Committed(Guid.NewGuid(), Event(3)));

        Assert.Equal(Placement.InOrder, _feed.Load(hasBegunAgain ? Snapshot(last: 1, Event(1)) : null, after: 0));
        if (!hasBegunAgain) Commit(1);
        Commit(2);
        Assert.Equal(2, _feed.LastSequence);
        Commit(3);
        Assert.Equal(Epoch, _feed.Epoch);
    }

    private static LoggedEvent Event(long sequence) => new(Run, sequence, "GRAFT", "alice", 0, Guid.NewGuid(), "{}"u8);

    private static RunSnapshot Snapshot(long last, params LoggedEvent[] events) => new(Epoch, last, 0, new StateFold(), events);

    private void Commit(params long[] sequences) => Assert.All(sequences, s => Assert.Equal(Placement.InOrder, _feed.Committed(Epoch, Event(s))));
}
