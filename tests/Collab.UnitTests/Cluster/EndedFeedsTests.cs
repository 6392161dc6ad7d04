using Collab.AspNetCore.Refusals;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>
/// A feed that has ended still loses its users, one after the other. What the others are told is who is there now, in the feed that took its
/// place.
/// </summary>
public sealed class EndedFeedsTests
{
    /// <summary>A user with two tabs: one is back before the other has ended.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_leaves_it_late_stays_where_it_is_by_then(bool isErased)
    {
        await using var scene = ClusterScene.Create();
        var (one, other) = (await scene.StartAsync(), await scene.StartAsync());
        await scene.JoinAsync(other, "ben");
        var tab = await scene.JoinAsync(one, "ana");
        var ended = one.Feeds.Find(ClusterScene.Run)!;
        if (isErased)
        {
            one.Publish(ClusterScene.Run, "ana");
            await scene.PassAsync(seconds: 0.2);
            var erasing = one.Feeds.ErasedAsync(ClusterScene.Run, CancellationToken.None);
            while (!erasing.IsCompleted) await scene.StepAsync();
            await scene.JoinAsync(other, "ben");
        }
        else
        {
            one.Feeds.Forget(ClusterScene.Run, Ending.Replaced);
        }

        await scene.JoinAsync(one, "ana");
        await scene.PassAsync(seconds: 0.2);
        ended.Detach(tab, asConnection: true);
        await scene.PassAsync(seconds: 1);

        Assert.Equal(["ana", "ben"], ClusterScene.UsersOn(one));
        Assert.Equal(["ana", "ben"], ClusterScene.UsersOn(other));
    }

    /// <summary>Who was there by polls alone, and does not come back, ends no connection.</summary>
    [Fact]
    public async Task Who_polled_it_is_not_there_any_more()
    {
        await using var scene = ClusterScene.Create();
        var (one, other) = (await scene.StartAsync(), await scene.StartAsync());
        await scene.JoinAsync(other, "ben");
        await scene.JoinAsync(one, "cem");
        one.Feeds.Find(ClusterScene.Run)!.Presence.Polled(Some.Caller("ana"), until: long.MaxValue);
        await scene.PassAsync(seconds: 0.2);
        Assert.Equal(["ana", "ben", "cem"], ClusterScene.UsersOn(other));

        one.Feeds.Forget(ClusterScene.Run, Ending.Replaced);
        await scene.PassAsync(seconds: 1);

        Assert.Equal(["ben"], ClusterScene.UsersOn(other));
    }
}
