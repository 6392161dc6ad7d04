using System.Diagnostics;
using Collab.Client;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.ClientTests.RealServer;

/// <summary>A long queue over a slow network. <c>COLLAB_LONG_TESTS=1</c> drains as many as a queue holds through the default limits.</summary>
public sealed class DrainTests(ITestOutputHelper output)
{
    private const int Queued = 500;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(50);
    private static readonly int Limited = Environment.GetEnvironmentVariable("COLLAB_LONG_TESTS") == "1" ? Queued : 100;

    [Fact]
    public async Task A_queue_of_five_hundred_goes_out_in_few_round_trips_and_in_order()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = LiveServer.Unlimited });
        await DrainAsync(server, Queued);
    }

    [Fact]
    public async Task Through_the_default_limits_it_goes_out_too_and_nothing_is_refused_for_good()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings());
        await DrainAsync(server, Limited);
    }

    private async Task DrainAsync(ServerProcess server, int count)
    {
        await using var network = new TcpProxy(server.BaseAddress) { Delay = OneWay };
        await using var client = new CollabClient(LiveServer.OptionsOf(network.BaseAddress, "alice"));
        var runId = Guid.NewGuid();
        await using var run = await client.ConnectAsync(runId);
        network.RefuseAll(true);
        await run.WaitForAsync(s => !s.IsConnected);
        var waiting = Enumerable.Range(0, count).Select(i => run.FlagAsync("PM", $"{i}")).ToArray();
        await run.WaitForAsync(s => s.QueuedCount == count);

        network.RefuseAll(false);
        await run.WaitForAsync(s => s.Connection is ConnectionState.Live);
        var started = Stopwatch.GetTimestamp();
        var acks = await Task.WhenAll(waiting);

        output.WriteLine($"{count} events in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s");
        Assert.Equal(Enumerable.Range(1, count).Select(n => (long?)n), acks.Select(ack => ack.SequenceNumber));
        // Of those that went together all have the time of one commit.
        if (count == Queued) Assert.InRange(acks.Select(ack => ack.Timestamp).Distinct().Count(), 1, count / 10);
    }
}
