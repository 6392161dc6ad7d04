using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>A run that one server has erased is served by no other, from the answer on.</summary>
public sealed class EraseTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task It_is_not_answered_before_the_others_have_let_go_of_it(int doubled)
    {
        await using var cluster = await SmallCluster.StartAsync(3);
        cluster.Network.Percent = (0, doubled);
        foreach (var host in cluster.Hosts) await JoinAsync(cluster, host);

        await cluster.AnswerAsync(EraseAsync(cluster.Hosts[0]));

        Assert.All(cluster.Hosts, host => Assert.Null(host.Feeds.Find(Some.Run)));
    }

    /// <summary>The bus may repeat itself later: the run that was begun again meanwhile is another one.</summary>
    [Fact]
    public async Task A_run_that_was_begun_again_is_not_ended_by_the_same_word()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        cluster.Network.Percent = (0, 100);
        foreach (var host in cluster.Hosts) await JoinAsync(cluster, host);
        await cluster.AnswerAsync(EraseAsync(cluster.Hosts[0]));

        await JoinAsync(cluster, cluster.Hosts[1]);
        await cluster.PassAsync(TimeSpan.FromSeconds(1));

        Assert.NotNull(cluster.Hosts[1].Feeds.Find(Some.Run));
    }

    [Fact]
    public async Task One_that_does_not_answer_is_waited_for_for_a_second()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        cluster.Hosts[1].Bus.Cut(isCut: true);
        var erasing = EraseAsync(cluster.Hosts[0]);

        var took = await cluster.UntilAsync(() => erasing.IsCompleted);

        Assert.InRange(took, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.5));
    }

    private static async Task<bool> EraseAsync(ClusterHost host)
    {
        await host.Feeds.ErasedAsync(Some.Run, CancellationToken.None);
        return true;
    }

    private static Task JoinAsync(SmallCluster cluster, ClusterHost host) =>
        cluster.AnswerWithoutSomeAsync(host.JoinAsync(Some.Run, "ana"));
}
