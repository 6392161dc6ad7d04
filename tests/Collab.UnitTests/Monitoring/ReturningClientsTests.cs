using Collab.AspNetCore.Monitoring;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>A client that comes back to a run is the same client, and nobody else is.</summary>
public sealed class ReturningClientsTests
{
    private readonly ManualTime _time = new();
    private readonly ConnectionMonitor _monitor;
    private int _sessions;

    public ReturningClientsTests() => _monitor = Some.Monitor(_time);

    private long Reconnections => _monitor.Traffic.Reconnections.Value;

    [Fact]
    public void A_named_client_that_joins_again_has_come_back_whatever_it_remembers()
    {
        for (var expected = 0; expected < 12; expected++)
        {
            var record = Join("alice", "tab", Some.Run, after: 0);
            Assert.Equal((expected, expected), (record.Reconnections, Reconnections));
            _monitor.Closed(record);
        }
    }

    [Fact]
    public void Its_count_goes_on_before_it_joins()
    {
        _monitor.Closed(Join("alice", "tab", Some.Run));
        _monitor.Closed(Join("alice", "tab", Some.Run));

        Assert.Equal(1, Open("alice", "tab").Reconnections);
        Assert.Equal(1, Reconnections);
    }

    [Fact]
    public void It_is_known_while_its_old_connection_still_lingers()
    {
        var old = Join("alice", "tab", Some.Run);
        Assert.Equal(1, Join("alice", "tab", Some.Run).Reconnections);
        _monitor.Closed(old);
        Assert.Equal(2, Join("alice", "tab", Some.Run).Reconnections);
    }

    [Fact]
    public void A_client_that_counts_itself_is_believed()
    {
        var first = Says(0);
        var renewed = Says(0);
        _monitor.Closed(first);
        Assert.Equal((0, 0), (renewed.Reconnections, Reconnections));
        _monitor.Closed(renewed);
        var back = Says(1);
        Assert.Equal((1, 1), (back.Reconnections, Reconnections));

        var duplicate = Says(0);
        Assert.Equal((0, 1, 1), (duplicate.Reconnections, back.Reconnections, Reconnections));
        _monitor.Closed(back);
        Assert.Equal((2, 2), (Says(2).Reconnections, Reconnections));

        ConnectionRecord Says(int returns)
        {
            var record = _monitor.NewRecord($"session-{++_sessions}", "tab");
            record.Returns = returns;
            _monitor.Opened(record, "alice");
            record.Joined(Some.Run, 5, 0);
            return record;
        }
    }

    [Fact]
    public void The_same_name_of_another_user_or_another_name_is_another_client()
    {
        _monitor.Closed(Join("alice", "tab", Some.Run, after: 5));

        Assert.Equal(0, Join("bob", "tab", Some.Run, after: 5).Reconnections);
        Assert.Equal(0, Join("alice", "other", Some.Run, after: 5).Reconnections);
        Assert.Equal(0, Join("alice", null, Some.Run, after: 5).Reconnections);
        Assert.Equal(0, Reconnections);
    }

    [Fact]
    public void Going_on_to_another_run_and_joining_twice_are_no_returns()
    {
        var record = Join("alice", "tab", Some.Run);
        record.Joined(Some.Run, 7, 0);
        _monitor.Closed(record);
        var elsewhere = Join("alice", "tab", Guid.NewGuid(), after: 3);

        Assert.Equal((0, 0), (elsewhere.Reconnections, Reconnections));
    }

    [Fact]
    public void Who_left_a_run_and_joins_it_again_has_not_come_back()
    {
        var record = Join("alice", "tab", Some.Run);
        record.Left(Some.Run);
        _monitor.Closed(record);

        Assert.Equal(0, Join("alice", "tab", Some.Run).Reconnections);
    }

    [Fact]
    public void A_client_that_was_in_two_runs_comes_back_once()
    {
        var other = Guid.NewGuid();
        foreach (var clientId in (string?[])["tab", null])
        {
            var before = Reconnections;
            var record = Join("alice", clientId, Some.Run, after: 1);
            record.Joined(other, 1, 0);
            _monitor.Closed(record);

            record = Join("alice", clientId, Some.Run, after: 1);
            record.Joined(other, 1, 0);
            Assert.Equal((1, before + 1), (record.Reconnections, Reconnections));
        }
    }

    [Fact]
    public void Without_a_name_a_position_and_an_earlier_connection_of_the_user_make_a_return()
    {
        _monitor.Closed(Join("alice", null, Some.Run));

        Assert.Equal(0, Join("alice", null, Some.Run, after: 0).Reconnections);
        Assert.Equal(0, Join("bob", null, Some.Run, after: 5).Reconnections);
        Assert.Equal(0, Join("alice", null, Guid.NewGuid(), after: 5).Reconnections);
        Assert.Equal(1, Join("alice", null, Some.Run, after: 5).Reconnections);
        Assert.Equal(0, Join("alice", null, Some.Run, after: 5).Reconnections);
        Assert.Equal(1, Reconnections);
    }

    [Fact]
    public void Five_connections_without_a_name_that_drop_and_come_back_are_five_returns()
    {
        var connections = Enumerable.Range(0, 5).Select(_ => Join("alice", null, Some.Run)).ToList();
        connections.ForEach(_monitor.Closed);

        var returned = Enumerable.Range(0, 5).Select(_ => Join("alice", null, Some.Run, after: 9).Reconnections);

        Assert.Equal([1, 1, 1, 1, 1], returned);
        Assert.Equal(5, Reconnections);
    }

    [Fact]
    public void Who_stays_away_too_long_is_a_stranger()
    {
        _monitor.Closed(Join("alice", "tab", Some.Run));
        _monitor.Closed(Join("alice", null, Some.Run));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(2, _monitor.ForgetStale(StaleConnections.MaxAge));

        Assert.Equal(0, Join("alice", "tab", Some.Run, after: 5).Reconnections);
        Assert.Equal(0, Join("alice", null, Some.Run, after: 5).Reconnections);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public void Who_has_been_away_for_a_moment_is_known_whatever_the_time_of_day_is(int hoursBack)
    {
        _monitor.Closed(Join("alice", "tab", Some.Run));
        _monitor.Closed(Join("alice", null, Some.Run));

        _time.SetWallClockBack(TimeSpan.FromHours(hoursBack));
        _monitor.ForgetStale(StaleConnections.MaxAge);

        Assert.Equal(1, Join("alice", "tab", Some.Run, after: 5).Reconnections);
        Assert.Equal(1, Join("alice", null, Some.Run, after: 5).Reconnections);
    }

    [Fact]
    public void Who_is_there_is_not_forgotten()
    {
        var record = Join("alice", "tab", Some.Run);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, _monitor.ForgetStale(TimeSpan.Zero));
        _monitor.Closed(record);

        Assert.Equal(1, Join("alice", "tab", Some.Run).Reconnections);
    }

    private ConnectionRecord Open(string userId, string? clientId)
    {
        var record = _monitor.NewRecord($"session-{++_sessions}", clientId);
        _monitor.Opened(record, userId);
        return record;
    }

    private ConnectionRecord Join(string userId, string? clientId, Guid runId, long after = 0)
    {
        var record = Open(userId, clientId);
        record.Joined(runId, after, 0);
        return record;
    }
}
