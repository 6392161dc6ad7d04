using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>A user's connections are limited over all servers: each knows how many there are on the others, soon after it has changed.</summary>
public sealed class UserCountsTests
{
    /// <summary>As options have it.</summary>
    private const int Limit = 20;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_limit_holds_over_all_servers_and_what_ends_makes_room()
    {
        await using var cluster = await SmallCluster.StartAsync(3);
        var there = Connect(cluster.Hosts[0], 12);
        Connect(cluster.Hosts[1], 8);
        await cluster.PassAsync(Soon);

        Assert.All(cluster.Hosts, AssertFull);
        cluster.Hosts[2].Limits.Connect(Some.Caller("ben")).Dispose();
        there[0].Dispose();
        await cluster.PassAsync(Soon);
        Connect(cluster.Hosts[2], 1);
        await cluster.PassAsync(Soon);
        Assert.All(cluster.Hosts, AssertFull);
    }

    [Fact]
    public async Task A_server_that_comes_later_is_told_of_all_users()
    {
        await using var cluster = await SmallCluster.StartAsync(1);
        await cluster.UntilAsync(() => cluster.Hosts[0].Members.IsAlone);
        Connect(cluster.Hosts[0], Limit);
        // More than one message holds.
        for (var n = 0; n < 1000; n++) cluster.Hosts[0].Limits.Connect(Some.Caller($"user-{n}"));
        await cluster.PassAsync(Soon);

        var late = await cluster.AddAsync();
        await cluster.UntilAsync(() => late.UserConnections.Of("ana") == Limit);

        AssertFull(late);
        Assert.All(Enumerable.Range(0, 1000), n => Assert.Equal(1, late.UserConnections.Of($"user-{n}")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_the_bus_loses_repeats_or_reorders_is_made_up_for(int seed)
    {
        await using var cluster = await SmallCluster.StartAsync(2, seed);
        cluster.Network.Percent = (50, 30);
        var open = new Queue<IDisposable>();
        for (var n = 0; n < 100; n++)
        {
            open.Enqueue(cluster.Hosts[0].Limits.Connect(Some.Caller($"user-{n % 7}")));
            if (n % 3 == 0) open.Dequeue().Dispose();
            await cluster.PassAsync(TimeSpan.FromMilliseconds(100));
        }
        Assert.True(cluster.Network.Lost > 20);
        cluster.Network.Percent = (0, 0);

        await cluster.UntilAsync(() => Enumerable.Range(0, 7).All(n =>
            cluster.Hosts[1].UserConnections.Of($"user-{n}") == cluster.Hosts[0].UserConnections.Of($"user-{n}")));
    }

    [Fact]
    public async Task The_connections_of_a_server_that_is_gone_count_no_more()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        Connect(cluster.Hosts[0], Limit);
        await cluster.PassAsync(Soon);
        AssertFull(cluster.Hosts[1]);

        cluster.Hosts[0].Bus.Cut(isCut: true);
        await cluster.UntilAsync(() => cluster.Hosts[1].Members.Others.Count == 0);

        Assert.Equal(0, cluster.Hosts[1].UserConnections.Of("ana"));
        AssertFull(cluster.Hosts[0]);
    }

    [Fact]
    public async Task With_the_bus_away_each_servers_own_limit_holds()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        Connect(cluster.Hosts[0], 15);
        await cluster.PassAsync(Soon);
        foreach (var host in cluster.Hosts) host.Bus.Cut(isCut: true);

        var here = Connect(cluster.Hosts[1], Limit);
        AssertFull(cluster.Hosts[1]);
        foreach (var host in cluster.Hosts) host.Bus.Cut(isCut: false);
        await cluster.UntilAsync(() => cluster.Hosts[0].UserConnections.Of("ana") == 15 + Limit);

        // Nobody is thrown out; nobody comes in, until there is room.
        Assert.All(cluster.Hosts, AssertFull);
        foreach (var one in here) one.Dispose();
        await cluster.PassAsync(Soon);
        Connect(cluster.Hosts[1], Limit - 15);
        await cluster.PassAsync(Soon);
        Assert.All(cluster.Hosts, AssertFull);
    }

    [Fact]
    public async Task Who_is_told_to_go_elsewhere_finds_room_there()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        Connect(cluster.Hosts[0], Limit);
        await cluster.PassAsync(Soon);
        AssertFull(cluster.Hosts[1]);

        Drain(DrainState.Closing);
        await cluster.PassAsync(Soon);
        var back = Connect(cluster.Hosts[1], Limit);
        foreach (var one in back) one.Dispose();
        Drain(DrainState.Serving);
        await cluster.PassAsync(Soon);
        AssertFull(cluster.Hosts[1]);

        void Drain(DrainState state)
        {
            foreach (var sink in cluster.Hosts[0].Drains) sink.DrainChanged(state);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("000000000000000000000000000000")]
    [InlineData("ffffffffffffffff0000000000000000")]
    [InlineData("ffffffffffffffff0500000003000000")]
    [InlineData("0000000000000000000000000000000001020304050607080000ffff")]
    public void What_makes_no_sense_is_no_list_of_users(string hex) =>
        Assert.Throws<InvalidDataException>(() => new CountTable().Take(1, Convert.FromHexString(hex), (_, _) => { }));

    private static List<IDisposable> Connect(ClusterHost host, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => host.Limits.Connect(Some.Caller("ana")))];

    private static void AssertFull(ClusterHost host) =>
        Assert.Equal(EndingCode.TooMany, Assert.Throws<RefusedException>(() => host.Limits.Connect(Some.Caller("ana"))).Ending);
}
