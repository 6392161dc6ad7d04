using System.Diagnostics;
using Collab.IntegrationTests.Cluster.Kit;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>
/// Three servers are restarted one after the other under load, behind a load balancer without affinity, with official SignalR clients and
/// our own.
/// </summary>
[Collection(ClusterDrills.Name)]
public sealed class RollingRestartTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Servers = 3;
    private static readonly int Runs = Fleet.IsLong ? 10 : 3;
    private static readonly int ClientsPerRun = Fleet.IsLong ? 30 : 8;
    private static readonly int PerSecond = Fleet.IsLong ? 500 : 90;

    /// <summary>As long as a client may need on a busy machine to come back, and less than the grace.</summary>
    private static readonly int OverSeconds = Fleet.IsLong ? 6 : 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_lost_doubled_or_out_of_order_and_nobody_is_seen_to_leave(bool redis)
    {
        await using var engine = redis ? await RedisServer.StartAsync() : null;
        await using var fleet = await Fleet.StartAsync(
            postgres, engine is null ? null : _ => engine.Configuration, Servers,
            new("Collab:Drain:DelaySeconds", "1"), new("Collab:Drain:OverSeconds", string.Create(null, $"{OverSeconds}")));
        await using var balancer = new Balancer([.. fleet.Servers.Select(s => s.Process.BaseAddress)]);
        await Eventually.TrueAsync(() => balancer.Ready.Count == Servers);
        await using var crowd = await Crowd.StartAsync(balancer.Address, Runs, ClientsPerRun);
        var load = new Load(PerSecond, crowd.Runs, crowd.PublishAsync);
        await crowd.SettleAsync(events: 2 * PerSecond / Runs);

        foreach (var server in fleet.Servers)
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(0, await server.Process.StopAsync());
            output.WriteLine($"stopped after {Figures.Seconds(Stopwatch.GetElapsedTime(began))}");
            await server.Process.StartAgainAsync();
            await Eventually.TrueAsync(() => balancer.Ready.Count == Servers, Patience.Process);
            output.WriteLine($"ready again after {Figures.Seconds(Stopwatch.GetElapsedTime(began))}");
        }
        await load.StopAsync();

        Assert.Empty(load.Failures);
        foreach (var track in crowd.Tracks) await track.WaitForAsync(load.Of(track.RunId).Length);
        Report(load, crowd);
        foreach (var track in crowd.Tracks) track.AssertHolds(load.Of(track.RunId));
        Assert.Empty(crowd.Tracks.SelectMany(t => t.Changes.Select(e => $"{t.User} saw {e.EventType} of {e.UserId}")));
        Assert.Equal(0, crowd.MostMissing);
    }

    private void Report(Load load, Crowd crowd)
    {
        var silences = crowd.Tracks.Select(t => t.LongestSilence.TotalMilliseconds);
        output.WriteLine($"{load.All.Length} events to {crowd.Tracks.Count} clients, {crowd.Returns} returns of the official ones");
        output.WriteLine($"acknowledged after {Figures.Of(load.All.Select(p => p.AckMs))}");
        output.WriteLine($"longest silence of a client: {Figures.Of(silences)}");
    }
}
