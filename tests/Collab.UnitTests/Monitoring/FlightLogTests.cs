using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>What became of each client's connections is remembered, over reconnects, and within bounds.</summary>
public sealed class FlightLogTests
{
    private readonly ManualTime _time = new();
    private readonly ConnectionMonitor _monitor;
    private int _sessions;

    public FlightLogTests() => _monitor = Some.Monitor(_time);

    private FlightLog Flights => _monitor.Flights;

    [Fact]
    public void A_client_is_followed_from_connection_to_connection()
    {
        var first = Open("alice", "tab");
        first.Joined(Some.Run, 7, 0);
        _time.Advance(TimeSpan.FromSeconds(5));
        first.End(Ending.Shutdown);
        _monitor.Closed(first);
        var second = Open("alice", "tab");
        second.Left(Some.Run);

        var flight = Flights.Of("tab");

        Assert.Equal(
            [
                (FlightStep.Opened, "1", null, null), (FlightStep.Joined, "1", null, "From number 7 on."),
                (FlightStep.Ended, "1", "shutdown", "The server is stopping. Come back in a moment."), (FlightStep.Closed, "1", null, null),
                (FlightStep.Opened, "2", null, (string?)null),
            ],
            flight.Select(e => (e.Step, e.SessionId, e.Reason, e.Cause)));
        Assert.Equal((Some.Run, 5000L), (flight[1].RunId, flight[2].At - flight[1].At));
        Assert.All(flight, e => Assert.Equal(("alice", ConnectionKind.WebSocket), (e.UserId, e.Kind)));
    }

    [Fact]
    public void Why_a_connection_closed_is_told_when_that_turns_out()
    {
        var (left, lost, kicked) = (Open("alice", "a"), Open("alice", "b"), Open("alice", "c"));
        _time.Advance(TimeSpan.FromSeconds(42));
        kicked.End(Ending.Kicked);
        foreach (var record in (ConnectionRecord[])[left, lost, kicked]) _monitor.Closed(record);
        left.Gone(inOrder: true);
        lost.Gone(inOrder: false);
        kicked.Gone(inOrder: false);

        Assert.Equal("The client closed the connection.", Flights.Of("a")[^1].Cause);
        Assert.Equal("The connection broke off without a goodbye; the client had last called 42 s before.", Flights.Of("b")[^1].Cause);
        Assert.Null(Flights.Of("c")[^1].Cause);
    }

    [Fact]
    public void A_client_without_a_name_is_found_by_its_session_and_another_users_client_of_that_name_is_another()
    {
        Open("alice", clientId: null);
        Open("alice", "tab");
        Open("mallory", "tab").End(Ending.Kicked);

        Assert.Equal("alice", Assert.Single(Flights.Of("1")).UserId);
        Assert.Equal(["alice", "mallory", "mallory"], Flights.Of("tab").Select(e => e.UserId));
        Assert.Empty(Flights.Of("nothing"));
    }

    [Fact]
    public void A_client_that_comes_and_goes_for_ever_keeps_its_last_100_steps()
    {
        for (var i = 0; i < 300; i++) _monitor.Closed(Open("alice", "tab"));

        Assert.Equal((1, FlightLog.StepsPerClient), Flights.Remembered);
        Assert.Equal("300", Flights.Of("tab")[^1].SessionId);
    }

    [Fact]
    public void All_together_have_a_bound_and_those_quiet_longest_go_first()
    {
        var stays = Open("alice", "stays");
        for (var i = 0; i < FlightLog.MaxSteps; i++)
        {
            Open("mallory", $"tab-{i}");
            if (i == FlightLog.MaxSteps / 2) stays.Joined(Some.Run, 0, 0);
        }

        Assert.InRange(Flights.Remembered.Steps, FlightLog.MaxSteps - FlightLog.StepsPerClient, FlightLog.MaxSteps);
        Assert.Empty(Flights.Of("tab-0"));
        Assert.Equal(2, Flights.Of("stays").Count);
    }

    [Fact]
    public void Polls_are_not_kept_and_the_rest_for_an_hour()
    {
        _monitor.Opened(_monitor.NewRecord("poll", clientId: null, ConnectionKind.Poll), "alice");
        _monitor.Closed(Open("alice", "old"));
        _time.Advance(StaleConnections.MaxAge);
        Open("alice", "new");

        _monitor.ForgetStale(StaleConnections.MaxAge);

        Assert.Equal((1, 1), Flights.Remembered);
        Assert.Single(Flights.Of("new"));
    }

    private ConnectionRecord Open(string user, string? clientId)
    {
        var record = _monitor.NewRecord($"{++_sessions}", clientId);
        _monitor.Opened(record, user);
        return record;
    }
}
