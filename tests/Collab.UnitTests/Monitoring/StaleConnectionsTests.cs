using Collab.AspNetCore.Monitoring;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>Connections that have ended are remembered for an hour.</summary>
public sealed class StaleConnectionsTests
{
    [Fact]
    public async Task What_ended_an_hour_ago_is_forgotten_and_what_is_open_never()
    {
        var time = new ManualTime();
        var monitor = Some.Monitor(time);
        using var stale = new StaleConnections(monitor, time);
        await stale.StartAsync(CancellationToken.None);
        await time.Timers.WaitForAsync(all => all.Count >= 1);
        monitor.Closed(Open(monitor, "ended"));
        Open(monitor, "open");

        for (var minute = 0; minute < 59; minute++) time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(monitor.Find("ended"));
        time.Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(() => monitor.Find("ended") is null);

        Assert.NotNull(monitor.Find("open"));
        await stale.StopAsync(CancellationToken.None);
    }

    [Fact]
    public void A_clock_that_is_set_back_keeps_nothing_for_longer()
    {
        var time = new ManualTime();
        var monitor = Some.Monitor(time);
        monitor.Closed(Open(monitor, "ended"));

        time.SetWallClockBack(TimeSpan.FromHours(2));
        time.Advance(StaleConnections.MaxAge);

        Assert.Equal(1, monitor.ForgetStale(StaleConnections.MaxAge));
        Assert.Null(monitor.Find("ended"));
    }

    [Fact]
    public void A_clock_that_is_put_forward_forgets_nothing_too_early()
    {
        var time = new ManualTime();
        var monitor = Some.Monitor(time);
        monitor.Closed(Open(monitor, "ended"));

        time.SetWallClockBack(-TimeSpan.FromHours(2));
        time.Advance(StaleConnections.MaxAge - TimeSpan.FromMinutes(1));

        Assert.Equal(0, monitor.ForgetStale(StaleConnections.MaxAge));
        Assert.NotNull(monitor.Find("ended"));
    }

    private static ConnectionRecord Open(ConnectionMonitor monitor, string id)
    {
        var record = monitor.NewRecord(id, clientId: null);
        monitor.Opened(record, "alice");
        return record;
    }
}
