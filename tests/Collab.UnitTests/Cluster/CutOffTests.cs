using Collab.UnitTests.Kit;
using Xunit;
using static Collab.UnitTests.Cluster.ClusterScene;

namespace Collab.UnitTests.Cluster;

/// <summary>A server that is cut off, and others that do not notice: what it commits is found soon all the same.</summary>
public sealed class CutOffTests : IAsyncLifetime
{
    /// <summary>Enough that a look at the store every fifteen seconds is not lucky each time.</summary>
    private const int Rounds = 8;

    private readonly ClusterScene _scene = ClusterScene.Create();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    /// <summary>The other one hears itself, so nothing tells it but the silence.</summary>
    [Fact]
    public async Task What_a_server_commits_that_only_it_knows_to_be_cut_off_is_found_in_seconds()
    {
        var (here, cut) = (await _scene.StartAsync(), await _scene.StartAsync());
        var follower = await _scene.JoinAsync(here, "ana");
        await _scene.JoinAsync(cut, "ben");
        await _scene.PassAsync(seconds: 20);

        cut.Bus.Cut(isCut: true);
        for (var i = 1; i <= Rounds; i++)
        {
            cut.Publish(Run, "ben");
            await FoundSoonAsync(follower, i);
            await _scene.PassAsync(seconds: 1);
        }
    }

    /// <summary>The last events before a connection breaks are lost, and no later one shows that.</summary>
    [Fact]
    public async Task What_was_lost_when_a_connection_broke_is_found_soon_after_it_is_back()
    {
        var (here, cut) = (await _scene.StartAsync(), await _scene.StartAsync());
        var follower = await _scene.JoinAsync(here, "ana");
        await _scene.JoinAsync(cut, "ben");
        await _scene.PassAsync(seconds: 20);

        for (var i = 1; i <= Rounds; i++)
        {
            cut.Bus.Cut(isCut: true);
            cut.Publish(Run, "ben");
            await _scene.PassAsync(seconds: 1.05);
            cut.Bus.Cut(isCut: false);
            await FoundSoonAsync(follower, i);
            await _scene.PassAsync(seconds: 5);
        }
    }

    /// <summary>Sooner than by the look at the store that comes in any case.</summary>
    private async Task FoundSoonAsync(FakeSubscriber follower, long sequence)
    {
        var steps = 0;
        for (; follower.LastSequence < sequence; steps++) await _scene.StepAsync();
        Assert.InRange(steps * Step, TimeSpan.Zero, TimeSpan.FromSeconds(7));
    }
}
