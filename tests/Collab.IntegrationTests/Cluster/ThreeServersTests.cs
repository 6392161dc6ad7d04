using System.Diagnostics;
using Collab.IntegrationTests.Cluster.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>
/// Clients of one run on three servers, and publishers on all of them: the same events in the same order, once. The output says how much
/// later they come on another server than beside their publisher.
/// </summary>
[Collection(ClusterDrills.Name)]
public sealed class ThreeServersTests(PostgresFixture postgres, Trios trios, ITestOutputHelper output)
{
    private const int Servers = 3;
    private const int PerServer = 3;
    private static readonly int PerSecond = Fleet.IsLong ? 200 : 100;
    private static readonly int Enough = Fleet.IsLong ? 6000 : 300;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everybody_is_shown_the_same_and_cursors_agree(bool redis)
    {
        var fleet = await trios.GetAsync(postgres, redis);
        var run = Guid.NewGuid();
        var followers = new List<Follower>();
        var publishers = new List<HubClient>();
        for (var n = 0; n < Servers * PerServer; n++)
            followers.Add(await Follower.StartAsync(fleet[n % Servers].Process.BaseAddress, $"user-{n}", run));
        foreach (var server in fleet.Servers) publishers.Add(await server.ConnectAsync("publisher"));

        var load = new Load(PerSecond, [run], (to, n) => publishers[n % Servers].GraftAsync(to));
        foreach (var follower in followers) await follower.Track.WaitForAsync(Enough);
        await load.StopAsync();
        var acks = load.Of(run);
        foreach (var follower in followers) await follower.Track.WaitForAsync(acks.Length);

        Report(load, publishers.Count, followers);
        Assert.Empty(load.Failures);
        foreach (var follower in followers) follower.Track.AssertHolds(acks);
        await MoveAsync(publishers, run);
        foreach (var follower in followers) await follower.DisposeAsync();
        foreach (var publisher in publishers) await publisher.DisposeAsync();
    }

    /// <summary>Each one's cursor is on each server where it was moved last.</summary>
    private async Task MoveAsync(List<HubClient> publishers, Guid run)
    {
        var took = new List<double>();
        foreach (var publisher in publishers) await publisher.JoinAsync(run);
        for (var i = 0; i < 20; i++)
        {
            var (node, began) = ($"node-{i}", Stopwatch.GetTimestamp());
            await publishers[i % Servers].MoveCursorAsync(run, node);
            foreach (var publisher in publishers)
            {
                await publisher.WaitForAsync(all => all.Any(e =>
                    e.EventType == EventTypes.CursorMove && e.Data.GetProperty("nodeId").GetString() == node));
            }
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        output.WriteLine($"a cursor is the same everywhere after {Figures.Of(took)}");
        foreach (var publisher in publishers)
            Assert.Equal("node-19", (await publisher.JoinAsync(run)).CursorPositions["publisher"]);
    }

    private void Report(Load load, int publishers, List<Follower> followers)
    {
        var (beside, elsewhere) = (new List<double>(), new List<double>());
        // The publishes went to the servers in turn, as did the followers.
        var times = followers.Select(f => f.Track.Events.Select(e => e.At).ToArray()).ToArray();
        foreach (var published in load.All)
        {
            var at = (int)published.Ack.SequenceNumber!.Value - 1;
            for (var f = 0; f < followers.Count; f++)
            {
                var ms = Stopwatch.GetElapsedTime(published.AskedAt, times[f][at]).TotalMilliseconds;
                (f % Servers == published.Number % publishers ? beside : elsewhere).Add(ms);
            }
        }
        output.WriteLine($"from the publish to a follower beside it {Figures.Of(beside)}");
        output.WriteLine($"from the publish to a follower elsewhere {Figures.Of(elsewhere)}");
    }
}
