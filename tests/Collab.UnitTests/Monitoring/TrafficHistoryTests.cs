using Collab.AspNetCore.Administration;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>A server remembers how it fared in the last 15 minutes, and nothing of before.</summary>
public sealed class TrafficHistoryTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ConnectionMonitor _monitor;
    private readonly TrafficHistory _history;

    public TrafficHistoryTests()
    {
        _monitor = Some.Monitor(_time);
        _history = new(_monitor, _time);
    }

    public void Dispose() => _history.Dispose();

    [Fact]
    public void A_sample_has_what_is_open_and_what_has_happened_since_the_one_before()
    {
        var slow = Open("slow");
        var quick = Open("quick");
        Open("stream", ConnectionKind.Stream);
        slow.Sent(5);
        slow.Received(2);
        slow.RoundTrip(300);
        quick.RoundTrip(20);
        _monitor.Traffic.Polls.Add();
        Take();
        quick.Sent(1);
        slow.End(Ending.Kicked);
        _monitor.Closed(slow);
        Take();

        Assert.Equal(10_000, _history.Kept.IntervalMs);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), _history.Kept.Now);
        var (first, second) = (_history.Kept.Samples[0], _history.Kept.Samples[1]);
        Assert.Equal((2, 1, 2, 5, 1), (first.Connections, first.Streams, first.MessagesIn, first.MessagesOut, first.Polls));
        Assert.Equal((20, 300), (first.LatencyP50, first.LatencyP95));
        Assert.Empty(first.Endings);
        Assert.Equal((1, 1, 0, 1, 0), (second.Connections, second.Streams, second.MessagesIn, second.MessagesOut, second.Polls));
        Assert.Equal((20, 20), (second.LatencyP50, second.LatencyP95));
        Assert.Equal(new Dictionary<string, long> { ["kicked"] = 1 }, second.Endings);
        Assert.Equal(10_000, second.At - first.At);
    }

    [Fact]
    public void Samples_stand_at_moments_of_their_own_and_the_oldest_goes_first()
    {
        for (var i = 0; i < 200; i++)
        {
            // Ticks that come just before and just after a whole ten seconds.
            _time.Advance(TimeSpan.FromMilliseconds(i % 2 == 0 ? 9_990 : 10_010));
            _history.Take();
        }

        var moments = _history.Kept.Samples.Select(s => s.At).ToArray();
        Assert.Equal(TrafficHistory.Capacity, moments.Length);
        Assert.All(moments, at => Assert.Equal(0, at % 10_000));
        Assert.Equal(moments.Distinct().Order(), moments);
    }

    [Fact]
    public async Task It_takes_them_by_itself()
    {
        await _history.StartAsync(CancellationToken.None);
        await _time.Timers.WaitForAsync(all => all.Count >= 1);
        Assert.Empty(_history.Kept.Samples);
        _time.Advance(TrafficHistory.Interval);
        await Eventually.TrueAsync(() => _history.Kept.Samples.Count == 1);
        await _history.StopAsync(CancellationToken.None);
    }

    [Fact]
    public void Servers_are_put_together_moment_by_moment_up_to_the_last_that_all_know()
    {
        var merged = Merge.History(
        [
            new(99, 10_000, [Sample(10, 1, 5, ("slow", 1)), Sample(20, 2, null), Sample(30, 3, null)]),
            new(77, 10_000, [Sample(20, 10, 8, ("slow", 2), ("idle", 1))]),
        ]);

        Assert.Equal(99, merged.Now);
        Assert.Equal([(10, 1, 5), (20, 12, 8)], merged.Samples.Select(s => (s.At, s.Connections, s.LatencyP95 ?? 0)));
        Assert.Equal(new Dictionary<string, long> { ["slow"] = 2, ["idle"] = 1 }, merged.Samples[1].Endings);
    }

    private static HistorySample Sample(long at, int connections, double? latency, params (string Code, long Count)[] endings) =>
        new(at, connections, 0, 0, 0, 0, 0, latency, latency, endings.ToDictionary(e => e.Code, e => e.Count));

    private void Take()
    {
        _time.Advance(TrafficHistory.Interval);
        _history.Take();
    }

    private ConnectionRecord Open(string id, ConnectionKind kind = ConnectionKind.WebSocket)
    {
        var record = _monitor.NewRecord(id, null, kind);
        _monitor.Opened(record, "alice");
        return record;
    }
}
