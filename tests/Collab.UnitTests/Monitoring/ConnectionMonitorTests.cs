using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>Tests that look at the memory of the whole process, and so run alone: <c>[Collection(Alone.Name)]</c>.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}

/// <summary>The monitor knows who is there and who has just gone, and its memory does not grow with how many have come and gone.</summary>
[Collection(Alone.Name)]
public sealed class ConnectionMonitorTests
{
    private readonly ManualTime _time = new();
    private readonly ConnectionMonitor _monitor;

    public ConnectionMonitorTests() => _monitor = Some.Monitor(_time);

    [Fact]
    public void Connections_are_counted_by_run()
    {
        var other = Guid.NewGuid();
        var (first, second, third) = (Open("1"), Open("2"), Open("3"));
        first.Joined(Some.Run, 0, 0);
        second.Joined(Some.Run, 0, 0);
        second.Joined(other, 0, 0);
        _monitor.Closed(first);

        Assert.Equal(new Dictionary<Guid, int> { [Some.Run] = 1, [other] = 1 }, _monitor.CountByRun());
        Assert.Equal((2, 3, 1), (_monitor.OpenCount, _monitor.Traffic.Connections.Value, _monitor.Traffic.Disconnections.Value));
        Assert.Same(third, _monitor.Find("3"));
        Assert.Same(first, _monitor.Find("1"));
        Assert.Null(_monitor.Find("4"));
    }

    [Fact]
    public void Open_connections_are_listed_before_ended_ones_and_the_newest_first()
    {
        foreach (var id in (string[])["1", "2", "3", "4"])
        {
            Open(id);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        _monitor.Closed(_monitor.Find("3")!);
        _monitor.Closed(_monitor.Find("1")!);
        _monitor.Closed(_monitor.Find("1")!);

        Assert.Equal(["4", "2", "1", "3"], _monitor.All().Select(r => r.SessionId));
    }

    [Fact]
    public void Health_is_the_mean_of_the_open_connections()
    {
        Assert.Equal(new(0, 0, 0, 0, 100, ConnectionStatus.Healthy), _monitor.Health());

        Open("healthy").RoundTrip(10);
        Open("degraded").RoundTrip(900);
        var unhealthy = Open("unhealthy");
        unhealthy.RoundTrip(5000);
        unhealthy.GaveUp(1);
        var ended = Open("ended");
        ended.RoundTrip(5000);
        _monitor.Closed(ended);

        Assert.Equal(new(3, 1, 1, 1, (100 + 70 + 34) / 3.0, ConnectionStatus.Degraded), _monitor.Health());
    }

    [Fact]
    public void Ended_connections_are_kept_until_they_are_stale()
    {
        _monitor.Closed(Open("old"));
        _time.Advance(TimeSpan.FromMinutes(30));
        _monitor.Closed(Open("new"));
        Open("open");

        Assert.Equal(0, _monitor.ForgetStale(TimeSpan.FromHours(1)));
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(1, _monitor.ForgetStale(TimeSpan.FromHours(1)));
        Assert.Equal(["open", "new"], _monitor.All().Select(r => r.SessionId));
        Assert.Equal(1, _monitor.ForgetStale(TimeSpan.Zero));
        Assert.Equal(["open"], _monitor.All().Select(r => r.SessionId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void When_a_connection_is_stale_does_not_depend_on_the_time_of_day(int hoursBack)
    {
        _monitor.Closed(Open("old"));

        _time.SetWallClockBack(TimeSpan.FromHours(hoursBack));

        Assert.Equal(0, _monitor.ForgetStale(TimeSpan.FromHours(1)));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, _monitor.ForgetStale(TimeSpan.FromHours(1)));
        Assert.Equal((0, 0), _monitor.Remembered);
    }

    [Fact]
    public void After_100000_connections_its_memory_is_back_where_it_was()
    {
        Churn(20_000);
        Assert.Equal(0, Settle().OpenCount);
        var before = ManagedHeap.Alive;

        Churn(100_000);
        Assert.InRange(_monitor.Remembered.Ended, 1, EndedConnections.Capacity);
        Assert.InRange(_monitor.Remembered.Clients, 1, 2 * ReturningClients.MaxAway);
        Assert.InRange(_monitor.All().Count, 1, EndedConnections.Capacity);

        Assert.Equal((0, (0, 0)), (Settle().OpenCount, _monitor.Remembered));
        ManagedHeap.AssertIsBack(before, allowed: 1_000_000);
        Assert.Equal((120_000, 120_000), (_monitor.Traffic.Connections.Value, _monitor.Traffic.Disconnections.Value));
    }

    [Fact]
    public async Task Coming_and_going_from_many_threads_at_once_adds_up()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() => Churn(2000, prefix: $"{thread}-"))));

        Assert.Equal((16_000, 16_000, 0), (_monitor.Traffic.Connections.Value, _monitor.Traffic.Disconnections.Value, _monitor.OpenCount));
        Assert.Equal(EndedConnections.Capacity, _monitor.Remembered.Ended);
    }

    /// <summary>Half of them have names, most of which never come again; each joins two runs of its own.</summary>
    private void Churn(int count, string prefix = "")
    {
        for (var i = 0; i < count; i++)
        {
            var record = _monitor.NewRecord($"{prefix}{i}", i % 2 == 0 ? $"client-{prefix}{i}" : null);
            _monitor.Opened(record, $"user-{i}");
            record.Joined(Guid.NewGuid(), 0, 0);
            record.Joined(Guid.NewGuid(), 5, 0);
            if (i % 10 == 0) _time.Advance(TimeSpan.FromMilliseconds(1));
            _monitor.Closed(record);
        }
    }

    private ConnectionMonitor Settle()
    {
        _monitor.ForgetStale(TimeSpan.Zero);
        return _monitor;
    }

    private ConnectionRecord Open(string sessionId)
    {
        var record = _monitor.NewRecord(sessionId, clientId: null);
        _monitor.Opened(record, $"user-{sessionId}");
        return record;
    }
}
