using Collab.AspNetCore;
using Collab.AspNetCore.Draining;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Draining;

/// <summary>A drain is unready at once, waits, tells some every second, and keeps nobody waiting where nobody is connected.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly ConnectionMonitor _monitor;
    private readonly Feeds _feeds;
    private readonly States _states = new();
    private int _waits;

    public DrainTests() => (_monitor, _feeds) = (Some.Monitor(_time), Some.Feeds(new EmptyStore(), time: _time));

    [Fact]
    public async Task It_goes_on_as_before_for_the_delay_and_then_tells_as_many_every_second()
    {
        var drain = NewDrain(new(5 * Second, 20 * Second));
        Connect(50);

        var over = drain.Begin();

        Assert.Equal(DrainState.Waiting, drain.State);
        for (var second = 0; second < 5; second++)
        {
            Connect(1);
            await WaitsAsync();
            Assert.Equal((0, DrainState.Waiting), (Told, drain.State));
            _monitor.Entrance.Demand();
            _time.Advance(Second);
        }
        var told = new List<int>();
        for (var second = 0; second < 19; second++)
        {
            await WaitsAsync();
            told.Add(Told - told.Sum());
            Assert.Equal(DrainState.Closing, drain.State);
            _time.Advance(Second);
        }
        await over.WaitAsync(Patience.Default);
        Assert.Equal((55, DrainState.Drained), (Told, drain.State));
        Assert.All(told, count => Assert.InRange(count, 2, 3));
        Assert.Equal([DrainState.Waiting, DrainState.Closing, DrainState.Drained], _states.All);
        Assert.All(_monitor.All(), record => Assert.Equal(EndingCode.Shutdown, record.Ending?.Code));
    }

    [Fact]
    public async Task Where_nobody_is_connected_it_is_over_at_once()
    {
        var drain = NewDrain(new(5 * Second, 20 * Second));

        await drain.Begin().WaitAsync(Patience.Default);

        Assert.Equal(DrainState.Drained, drain.State);
        Assert.Empty(_time.Timers.All);
    }

    [Fact]
    public async Task Who_only_polls_is_given_the_delay_too()
    {
        var drain = NewDrain(new(2 * Second, TimeSpan.Zero));
        var feed = await _feeds.GetAsync(Some.Run, CancellationToken.None);
        feed.Presence.Polled(Some.Caller("alice"), _time.GetTimestamp() + TimeSpan.TicksPerHour);
        _waits = _time.Timers.All.Length;

        var over = drain.Begin();

        await NextSecondAsync();
        Assert.Equal(DrainState.Waiting, drain.State);
        await NextSecondAsync();
        await over.WaitAsync(Patience.Default);
    }

    [Fact]
    public async Task The_delay_ends_when_the_last_one_has_left()
    {
        var drain = NewDrain(new(100 * Second, TimeSpan.Zero));
        Connect(1);
        var over = drain.Begin();
        await WaitsAsync();

        _monitor.Closed(_monitor.Open.Single());
        _time.Advance(Second);

        await over.WaitAsync(Patience.Default);
        Assert.Equal(0, Told);
    }

    [Fact]
    public async Task A_few_connections_go_one_a_second()
    {
        var drain = NewDrain(new(TimeSpan.Zero, 20 * Second));
        Connect(3);

        var over = drain.Begin();

        await WaitsAsync();
        Assert.Equal(1, Told);
        _time.Advance(Second);
        await WaitsAsync();
        Assert.Equal(2, Told);
        _time.Advance(Second);
        await over.WaitAsync(Patience.Default);
        Assert.Equal(3, Told);
    }

    [Fact]
    public async Task From_the_first_that_is_told_to_go_nothing_new_is_let_in()
    {
        var drain = NewDrain(new(TimeSpan.Zero, 20 * Second));
        Connect(2);
        _ = drain.Begin();
        await WaitsAsync();

        var refused = Assert.Throws<RefusedException>(_monitor.Entrance.Demand);
        var late = Connect(1).Single();

        Assert.Equal((CollabErrorCode.Unavailable, EndingCode.Shutdown), (refused.Code, refused.Ending));
        Assert.NotNull(refused.RetryAfter);
        Assert.Equal(Ending.Shutdown, late.Ending);
    }

    [Fact]
    public async Task Taken_back_it_lets_everybody_in_again_and_tells_nobody_more()
    {
        var drain = NewDrain(new(TimeSpan.Zero, 20 * Second));
        Connect(10);
        var over = drain.Begin();
        await WaitsAsync();

        Assert.True(drain.TryTakeBack());
        await over.WaitAsync(Patience.Default);

        Assert.Equal((1, DrainState.Serving), (Told, drain.State));
        Assert.Null(Connect(1).Single().Ending);
        Assert.Equal(new DrainStatus(DrainState.Serving, false, 10, 0, 7, null, null), drain.Status(queued: 7));
        Assert.True(drain.TryTakeBack());
        var again = drain.Begin();
        Assert.NotSame(over, again);
        Assert.Equal([DrainState.Waiting, DrainState.Closing, DrainState.Serving, DrainState.Waiting], _states.All.Take(4));
    }

    [Fact]
    public async Task Begun_again_it_is_the_same_one()
    {
        var drain = NewDrain(new(5 * Second, 20 * Second));
        Connect(1);
        var over = drain.Begin();
        await WaitsAsync();
        var status = drain.Status(queued: 0);

        Assert.Same(over, drain.Begin());

        var now = _time.GetUtcNow();
        Assert.Equal(new(DrainState.Waiting, false, 1, 0, 0, now.ToUnixTimeMilliseconds(), (now + (25 * Second)).ToUnixTimeMilliseconds()), status);
    }

    [Fact]
    public async Task A_stop_cannot_be_taken_back_and_keeps_to_its_time()
    {
        var drain = NewDrain(new(50 * Second, 200 * Second));
        Connect(50);
        _ = drain.Begin();
        await WaitsAsync();

        var over = drain.StopAsync(within: 5 * Second);

        Assert.False(drain.TryTakeBack());
        Assert.True(drain.Status(queued: 0).IsStopping);
        for (var second = 0; second < 5 && !over.IsCompleted; second++)
        {
            _time.Advance(Second);
            await Task.WhenAny(over, WaitsAsync());
        }
        Assert.True(over.IsCompletedSuccessfully);
        Assert.Equal(50, Told);
    }

    [Fact]
    public async Task In_a_hurry_all_are_told_at_once()
    {
        var drain = NewDrain(new(50 * Second, 200 * Second));
        Connect(50);
        var over = drain.StopAsync(within: TimeSpan.MaxValue);
        await WaitsAsync();

        drain.Hurry();

        await over.WaitAsync(Patience.Default);
        Assert.Equal(50, Told);
    }

    private int Told => _monitor.All().Count(record => record.Ending is not null);

    private Drain NewDrain(DrainPlan plan) => new(_monitor, _feeds, plan, [_states], _time, NullLogger<Drain>.Instance);

    private List<ConnectionRecord> Connect(int count) => [.. Enumerable.Range(0, count).Select(n =>
    {
        var record = _monitor.NewRecord($"{n}-{Guid.NewGuid()}", clientId: null);
        record.WhenEnded = () => _monitor.Closed(record);
        _monitor.Opened(record, $"user-{n}");
        return record;
    })];

    /// <summary>The drain waits for the next second.</summary>
    private async Task WaitsAsync()
    {
        await _time.Timers.WaitForAsync(timers => timers.Count > _waits);
        _waits++;
    }

    private async Task NextSecondAsync()
    {
        await WaitsAsync();
        _time.Advance(Second);
    }

    private sealed class States : IDrainSink
    {
        public List<DrainState> All { get; } = [];

        public void DrainChanged(DrainState state) => All.Add(state);
    }
}
