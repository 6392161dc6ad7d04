using Collab.AspNetCore.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Collab.UnitTests.Store;

/// <summary>Rows leave the outbox in the order of their inserts, also where the first to insert commits last.</summary>
public sealed class OutboxOrderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OutboxOrder _order;

    public OutboxOrderTests()
    {
        _order = new(_time);
        _order.Settle(10);
    }

    [Fact]
    public void Rows_without_a_gap_go_at_once()
    {
        Assert.Equal(3, _order.CountReady([11, 12, 13]));
        Assert.Equal(2, _order.CountReady([14, 15]));
        Assert.False(_order.IsWaiting);
    }

    [Fact]
    public void A_gap_holds_up_what_is_behind_it_while_a_transaction_may_fill_it()
    {
        Assert.Equal(1, _order.CountReady([11, 13]));
        _order.WaitFor(13, ["slow", "other"]);

        _order.Look(["slow", "new"]);
        Assert.Equal(0, _order.CountReady([13, 14]));
        Assert.True(_order.IsWaiting);

        // It has committed, and its row is there.
        _order.Look(["new"]);
        Assert.False(_order.IsWaiting);
        Assert.Equal(3, _order.CountReady([12, 13, 14]));
    }

    [Fact]
    public void What_came_after_the_gap_was_seen_is_held_up_by_a_gap_of_its_own()
    {
        _order.WaitFor(13, ["slow"]);
        _order.Look([]);

        Assert.Equal(1, _order.CountReady([13, 15]));
    }

    /// <summary>Whoever inserts may give an id, also the last one that there is.</summary>
    [Fact]
    public void A_row_with_the_highest_id_stops_nothing()
    {
        _order.Settle(long.MaxValue);

        Assert.Equal(4, _order.CountReady([long.MinValue, 11, 12, long.MaxValue]));
    }

    [Fact]
    public void A_transaction_that_never_ends_is_not_waited_for_for_long()
    {
        _order.WaitFor(13, ["forgotten"]);
        _time.Advance(OutboxOrder.Patience);

        _order.Look(["forgotten"]);

        Assert.Equal(1, _order.CountReady([13]));
    }
}
