using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>What is counted of a connection is exact, and the server's totals are the sum of it.</summary>
public sealed class ConnectionRecordTests
{
    private readonly ManualTime _time = new();
    private readonly ConnectionMonitor _monitor;

    public ConnectionRecordTests() => _monitor = Some.Monitor(_time);

    [Fact]
    public void A_new_connection_has_nothing_against_it()
    {
        var metrics = Open("s", "alice").ToMetrics();

        Assert.Equal(("s", "alice", null, null), (metrics.SessionId, metrics.UserId, metrics.RunId, metrics.DisconnectedAt));
        Assert.Equal((0, 0, 0, 0), (metrics.ReconnectionCount, metrics.MessagesSent, metrics.MessagesReceived, metrics.MessageFailures));
        Assert.Equal((null, null, 1, 100), (metrics.AverageLatencyMs, metrics.MaxLatencyMs, metrics.MessageDeliveryRate, metrics.ConnectionQuality));
        Assert.Equal(ConnectionStatus.Healthy, metrics.HealthStatus);
        Assert.Equal(_monitor.Now, metrics.ConnectedAt);
    }

    [Fact]
    public void Figures_follow_from_what_happened()
    {
        var record = Open("s", "alice");
        record.Received();
        record.Received();
        record.RefusedPublish(CollabErrorCode.RateLimited);
        record.Sent(30);
        record.GaveUp(10);
        record.RoundTrip(20);
        record.RoundTrip(200.5);
        record.RoundTrip(0);
        _time.Advance(TimeSpan.FromSeconds(7));
        record.Called();

        var metrics = record.ToMetrics();

        Assert.Equal((30, 2, 11), (metrics.MessagesSent, metrics.MessagesReceived, metrics.MessageFailures));
        Assert.Equal((73.5, 200.5, 0.75), (metrics.AverageLatencyMs, metrics.MaxLatencyMs, metrics.MessageDeliveryRate));
        Assert.Equal(36 + 30 + 22.5, metrics.ConnectionQuality);
        Assert.Equal(7000, metrics.LastActivity - metrics.ConnectedAt);
        Assert.Equal((2, 30, 11, 0.75), (_monitor.Traffic.In.Value, _monitor.Traffic.Out.Value, _monitor.Traffic.Failures, _monitor.Traffic.DeliveryRate));
    }

    [Fact]
    public async Task Concurrent_figures_are_exact()
    {
        const int Threads = 8;
        const int Times = 20_000;
        var records = Enumerable.Range(0, 4).Select(n => Open($"s{n}", "alice")).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Times; i++)
            {
                var record = records[(thread + i) % records.Length];
                record.Received();
                record.Sent(2);
                record.RefusedPublish(CollabErrorCode.Forbidden);
                record.RoundTrip(i % 100);
            }
        })));

        var metrics = records.Select(r => r.ToMetrics()).ToArray();
        Assert.Equal(Threads * Times, metrics.Sum(m => m.MessagesReceived));
        Assert.Equal(2 * Threads * Times, metrics.Sum(m => m.MessagesSent));
        Assert.Equal(Threads * Times, metrics.Sum(m => m.MessageFailures));
        Assert.Equal(49.5, metrics.Average(m => m.AverageLatencyMs!.Value), 9);
        Assert.Equal(99, metrics.Max(m => m.MaxLatencyMs));
        Assert.Equal((Threads * Times, 2 * Threads * Times, Threads * Times), (_monitor.Traffic.In.Value, _monitor.Traffic.Out.Value, _monitor.Traffic.Failures));
    }

    [Fact]
    public void The_run_is_the_one_joined_last()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var record = Open("s", "alice");

        record.Joined(first, 0, 0);
        record.Joined(second, 0, 0);
        Assert.Equal([first, second], record.ToMetrics().RunIds);
        Assert.Equal(second, record.ToMetrics().RunId);
        record.Joined(first, 0, 0);
        Assert.Equal([second, first], record.ToMetrics().RunIds);
        Assert.Equal(first, record.ToMetrics().RunId);
        record.Left(first);
        Assert.Equal(second, record.ToMetrics().RunId);

        _monitor.Closed(record);
        Assert.Equal([second], record.ToMetrics().RunIds);
    }

    private ConnectionRecord Open(string sessionId, string userId)
    {
        var record = _monitor.NewRecord(sessionId, clientId: null);
        _monitor.Opened(record, userId);
        return record;
    }
}
