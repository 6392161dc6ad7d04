using Collab.AspNetCore.RunLog;
using Collab.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>Who sends more than is taken is read on later; who sends a little never waits, and none waits for ever.</summary>
public sealed class BackpressureTests
{
    private const int Half = 500;

    private readonly FakeTimeProvider _time = new();
    private readonly Backpressure _queue;

    public BackpressureTests() => _queue = new(2 * Half, _time);

    [Fact]
    public void While_there_is_room_all_are_read_on()
    {
        _queue.Add(Half - 1);

        Assert.True(_queue.Enter(With(underWay: 64)).IsCompleted);
    }

    [Fact]
    public void Who_has_much_under_way_waits_and_who_has_little_does_not()
    {
        _queue.Add(Half);

        Assert.False(_queue.Enter(With(underWay: 64)).IsCompleted);
        Assert.True(_queue.Enter(With(underWay: 1)).IsCompleted);
        Assert.True(_queue.Enter(With(underWay: 0)).IsCompleted);
    }

    [Fact]
    public void Who_was_refused_waits_though_it_has_nothing_under_way()
    {
        _queue.Add(Half);
        var flow = With(underWay: 0);
        flow.Refused();

        Assert.False(_queue.Enter(flow).IsCompleted);
        _queue.Leave(flow);
        Assert.True(_queue.Enter(flow).IsCompleted);
    }

    [Fact]
    public async Task When_there_is_room_they_come_in_their_order_as_many_as_it_is_room_for()
    {
        _queue.Add(Half);
        var flows = Enumerable.Range(0, 10).Select(_ => With(underWay: 64)).ToArray();
        var turns = flows.Select(flow => _queue.Enter(flow)).ToArray();

        _queue.Done((2 * Backpressure.Share) + 1);

        await Task.WhenAll(turns[..3]).WaitAsync(Patience.Default);
        Assert.All(turns[3..], turn => Assert.False(turn.IsCompleted));
        Assert.Equal(7, _queue.Waiting);

        // The first has brought what it had, and comes for more.
        _queue.Add(Backpressure.Share);
        var again = _queue.Enter(flows[0]);
        Assert.False(turns[3].IsCompleted);

        // The second had nothing to bring.
        _queue.Leave(flows[1]);
        await turns[3].WaitAsync(Patience.Default);
        Assert.False(turns[4].IsCompleted);
        Assert.False(again.IsCompleted);
    }

    [Fact]
    public async Task None_waits_longer_than_five_seconds()
    {
        _queue.Add(Half);
        var turn = _queue.Enter(With(underWay: 64));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(turn.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.2));

        await turn.WaitAsync(Patience.Default);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task A_queue_with_room_for_less_than_a_share_lets_one_in_at_a_time()
    {
        var small = new Backpressure(8, _time);
        small.Add(8);
        var (first, second) = (With(underWay: 8), With(underWay: 8));
        var (turn, next) = (small.Enter(first), small.Enter(second));

        small.Done(8);

        await turn.WaitAsync(Patience.Default);
        Assert.False(next.IsCompleted);
        Assert.True(small.Enter(first).IsCompleted);
        await next.WaitAsync(Patience.Default);
    }

    [Fact]
    public async Task Who_leaves_makes_room_for_the_next()
    {
        _queue.Add(Half);
        var (first, second) = (With(underWay: 64), With(underWay: 64));
        var (left, next) = (_queue.Enter(first), _queue.Enter(second));

        _queue.Leave(first);
        await left.WaitAsync(Patience.Default);
        _queue.Done(1);

        await next.WaitAsync(Patience.Default);
        Assert.Equal(0, _queue.Waiting);
    }

    private static ConnectionFlow With(int underWay)
    {
        var flow = new ConnectionFlow();
        flow.Begin(underWay);
        return flow;
    }
}
