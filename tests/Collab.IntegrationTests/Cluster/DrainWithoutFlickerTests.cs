using System.Diagnostics;
using Collab.IntegrationTests.Cluster.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>
/// Users of a server that drains or is stopped come back on another, and nobody sees them go or come; users of one that is killed are gone
/// within ten seconds.
/// </summary>
[Collection(ClusterDrills.Name)]
public sealed class DrainWithoutFlickerTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Here = 0;
    private const int Drained = 1;
    private const int Stopped = 2;
    private const int Killed = 3;

    private readonly Guid _run = Guid.NewGuid();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_is_seen_to_leave_or_come_but_who_does(bool redis)
    {
        await using var engine = redis ? await RedisServer.StartAsync() : null;
        await using var fleet = await Fleet.StartAsync(postgres, engine is null ? null : _ => engine.Configuration, count: 4);
        await using var watcher = await Follower.StartAsync(AddressOf(fleet, Here), "watcher", _run);
        // With tabs on two servers; on one alone; one that does not come back.
        await using var tab = await JoinAsync(fleet, Here, "two-tabs");
        var away = new List<HubClient>();
        foreach (var server in (int[])[Drained, Stopped])
        {
            foreach (var user in (string[])["two-tabs", $"back-{server}", $"gone-{server}"]) away.Add(await JoinAsync(fleet, server, user));
        }
        await using var killed = await JoinAsync(fleet, Killed, "killed");
        await using var other = await JoinAsync(fleet, Killed, "two-tabs");
        await Eventually.TrueAsync(() => watcher.Track.Users.Length == 7);
        watcher.Track.ForgetChanges();

        var began = Stopwatch.GetTimestamp();
        using (var admin = fleet[Drained].Api()) await admin.SendAsync(HttpMethod.Post, "api/admin/drain");
        await Task.WhenAll(fleet[Stopped].Process.StopAsync(), fleet[Killed].Process.KillAsync());
        foreach (var client in away) await client.Closed.WaitAsync(Patience.Default);
        output.WriteLine($"all sent away after {Figures.Seconds(Stopwatch.GetElapsedTime(began))}");
        await using var back = await JoinAsync(fleet, Here, $"back-{Drained}");
        await using var backToo = await JoinAsync(fleet, Here, $"back-{Stopped}");

        string[] gone = [$"gone-{Drained}", $"gone-{Stopped}", "killed"];
        await Eventually.TrueAsync(() => watcher.Track.Changes.Length >= gone.Length, Patience.Process);
        Report(began, watcher.Track, gone);
        Assert.Equal(
            gone.Order(StringComparer.Ordinal).Select(user => (EventTypes.UserLeave, user)),
            watcher.Track.Changes.Select(e => (e.EventType, e.UserId)).OrderBy(e => e.UserId, StringComparer.Ordinal));
        Assert.Equal(["back-1", "back-2", "two-tabs", "watcher"], watcher.Track.Users);
        Assert.Equal(watcher.Track.Users, (await back.JoinAsync(_run)).ActiveUsers);
        foreach (var client in away) await client.DisposeAsync();
    }

    private static Uri AddressOf(Fleet fleet, int server) => fleet[server].Process.BaseAddress;

    private async Task<HubClient> JoinAsync(Fleet fleet, int server, string user)
    {
        var client = await fleet[server].ConnectAsync(user);
        await client.JoinAsync(_run);
        return client;
    }

    private void Report(long began, Track track, string[] gone)
    {
        foreach (var user in gone)
        {
            if (track.TimeOfLeave(user) is { } at)
                output.WriteLine($"{user} is seen to leave after {Figures.Seconds(Stopwatch.GetElapsedTime(began, at))}");
        }
    }
}
