using Collab.Protocol;
using Xunit;
using static Collab.UnitTests.Cluster.ClusterScene;

namespace Collab.UnitTests.Cluster;

/// <summary>Servers that end in order: their users come back elsewhere, and nobody sees them go or come.</summary>
public sealed class DepartureTests : IAsyncLifetime
{
    private readonly ClusterScene _scene = ClusterScene.Create();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task Users_of_a_server_that_ends_in_order_come_back_elsewhere_unseen()
    {
        var (here, going) = (await _scene.StartAsync(), await _scene.StartAsync());
        var watcher = await _scene.JoinAsync(here, "watcher");
        await _scene.JoinAsync(going, "ana");
        await _scene.JoinAsync(going, "never-back");
        await _scene.PassAsync(seconds: 2);
        Assert.Equal(["ana", "never-back", "watcher"], UsersOn(here));
        var before = Changes(watcher).Count;

        await _scene.EndAsync(going);
        await _scene.PassAsync(seconds: 8);
        await _scene.JoinAsync(here, "ana");
        Assert.Equal(["ana", "never-back", "watcher"], UsersOn(here));
        await _scene.PassAsync(seconds: 4);

        Assert.Equal(["ana", "watcher"], UsersOn(here));
        var change = Assert.Single(Changes(watcher).Skip(before));
        Assert.Contains("\"USER_LEAVE\",\"userId\":\"never-back\"", change, StringComparison.Ordinal);
    }

    /// <summary>A server that had nobody in the run, or was not there yet, is told by those that know.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task They_are_known_also_where_the_run_was_not_active(bool isNewServer)
    {
        var (here, going) = (await _scene.StartAsync(), await _scene.StartAsync());
        var there = isNewServer ? null : await _scene.StartAsync();
        await _scene.JoinAsync(here, "watcher");
        var many = Enumerable.Range(0, 200).Select(n => $"user-{n:000}").ToArray();
        foreach (var user in many) await _scene.JoinAsync(going, user);
        await _scene.PassAsync(seconds: 2);

        await _scene.EndAsync(going);
        await _scene.PassAsync(seconds: 1);
        there ??= await _scene.StartAsync();
        var first = await _scene.JoinAsync(there, many[0]);
        Assert.Equal([.. many, "watcher"], UsersOn(there));
        foreach (var user in many[1..^1]) await _scene.JoinAsync(there, user);
        await _scene.PassAsync(seconds: 12);

        Assert.Equal([.. many[..^1], "watcher"], UsersOn(there));
        Assert.Equal(UsersOn(there), UsersOn(here));
        var change = Assert.Single(Changes(first));
        Assert.Contains($"\"USER_LEAVE\",\"userId\":\"{many[^1]}\"", change, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_others_know_how_far_a_server_is_on_its_way_out()
    {
        var (here, going) = (await _scene.StartAsync(), await _scene.StartAsync());
        await _scene.PassAsync(seconds: 1);
        Assert.Equal(DrainState.Serving, Assert.Single(here.Members.Others).Vitals.State);

        foreach (var state in (DrainState[])[DrainState.Waiting, DrainState.Closing, DrainState.Drained, DrainState.Serving])
        {
            foreach (var sink in going.Drains) sink.DrainChanged(state);
            await _scene.PassAsync(seconds: 0.2);
            Assert.Equal(state, Assert.Single(here.Members.Others).Vitals.State);
        }
    }

    /// <summary>All users of a server may be more than one message has room for, and everybody hears what only one has asked for.</summary>
    [Fact]
    public async Task Many_users_are_told_again_and_nobody_sees_any_of_them_go()
    {
        var (here, there) = (await _scene.StartAsync(), await _scene.StartAsync());
        string[] many = [.. Enumerable.Range(0, 200).Select(n => $"user-{n:000}")];
        foreach (var user in many) await _scene.JoinAsync(here, user);
        var watcher = await _scene.JoinAsync(there, "watcher");
        await _scene.PassAsync(seconds: 1);
        Assert.Equal([.. many, "watcher"], UsersOn(there));
        var before = Changes(watcher).Count;

        await _scene.JoinAsync(await _scene.StartAsync(), many[0]);
        await _scene.PassAsync(seconds: 1);

        Assert.Empty(Changes(watcher).Skip(before));
    }
}
