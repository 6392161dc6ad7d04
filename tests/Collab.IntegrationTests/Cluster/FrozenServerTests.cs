using System.Diagnostics;
using Collab.IntegrationTests.Cluster.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>
/// A server stands still for a while, as a machine does that is moved or out of memory, and goes on: its connections are still open, and
/// what it knew is old.
/// </summary>
[Collection(ClusterDrills.Name)]
public sealed class FrozenServerTests(PostgresFixture postgres, Trios trios, ITestOutputHelper output)
{
    private const int Well = 0;
    private const int Frozen = 1;
    private static readonly TimeSpan StandsStill = TimeSpan.FromSeconds(Fleet.IsLong ? 20 : 7);

    private readonly Guid _run = Guid.NewGuid();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_sends_nothing_stale_and_knows_who_is_there(bool redis)
    {
        var fleet = await trios.GetAsync(postgres, redis);
        await using var beside = await Follower.StartAsync(fleet[Well].Process.BaseAddress, "beside", _run);
        await using var follower = await Follower.StartAsync(fleet[Frozen].Process.BaseAddress, "follower", _run);
        await using var ana = await JoinAsync(fleet, Well, "ana");
        await using var ben = await JoinAsync(fleet, Well, "ben");
        await using var carl = await JoinAsync(fleet, Frozen, "carl");
        await carl.MoveCursorAsync(_run, "before");
        Track[] both = [beside.Track, follower.Track];
        foreach (var track in both) await Eventually.TrueAsync(() => track.Users.Length == 5);
        var load = new Load(Fleet.IsLong ? 200 : 50, [_run], (run, _) => ana.GraftAsync(run));
        foreach (var track in both) await track.WaitForAsync(20);

        // Asked for while it stands still, and answered afterwards. The hub's client would not wait for so long.
        using var api = fleet[Frozen].Api("carl");
        var asked = await FreezeAsync(fleet, beside.Track, () => Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FlagAsync(api))));
        await carl.SendAsync(nameof(ICollaborationHub.MoveCursor), _run, "after");
        await ben.DisposeAsync();
        await using var dora = await JoinAsync(fleet, Well, "dora");
        await ana.MoveCursorAsync(_run, "meanwhile");
        await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(asked.Began) > StandsStill, Patience.Process);
        var goesOn = await ThawAsync(fleet, both, ["ana", "beside", "carl", "dora", "follower"]);

        await load.StopAsync();
        Assert.Empty(load.Failures);
        PublishAck[] published = [.. load.Of(_run), .. await asked.Acks];
        foreach (var track in both) await track.WaitForAsync(published.Length);
        foreach (var track in both) track.AssertHolds(published);
        Assert.Equal((0, 0), (beside.Returns, follower.Returns));
        var lags = Figures.LagsOf(follower.Track, load.All.Where(p => p.AckedAt > goesOn)).Select(l => l.Ms);
        output.WriteLine($"events on it, after it goes on: {Figures.Of(lags)}");
    }

    private async Task<(long Began, Task<PublishAck[]> Acks)> FreezeAsync(Fleet fleet, Track beside, Func<Task<PublishAck[]>> ask)
    {
        fleet[Frozen].Process.Send(Signal.Stop);
        var began = Stopwatch.GetTimestamp();
        var acks = ask();
        await Eventually.TrueAsync(() => beside.Users is ["ana", "ben", "beside"], Patience.Process);
        output.WriteLine($"its users are taken for gone after {Figures.Seconds(Stopwatch.GetElapsedTime(began))}");
        return (began, acks);
    }

    private async Task<long> ThawAsync(Fleet fleet, Track[] both, string[] users)
    {
        fleet[Frozen].Process.Send(Signal.Continue);
        var goesOn = Stopwatch.GetTimestamp();
        foreach (var track in both)
            await Eventually.TrueAsync(() => track.Users.SequenceEqual(users), Patience.Process, $"{track.User} knows who is there");
        output.WriteLine($"all agree {Figures.Seconds(Stopwatch.GetElapsedTime(goesOn))} after it goes on");
        foreach (var server in (int[])[Well, Frozen]) await Eventually.TrueAsync(() => CursorsAgreeAsync(fleet, server));
        return goesOn;
    }

    private async Task<PublishAck> FlagAsync(ApiClient api) =>
        (await api.PublishAsync(_run, EventTypes.Flag, new { stepId = "PM" })).Value;

    private async Task<HubClient> JoinAsync(Fleet fleet, int server, string user)
    {
        var client = await fleet[server].ConnectAsync(user);
        await client.JoinAsync(_run);
        return client;
    }

    private async Task<bool> CursorsAgreeAsync(Fleet fleet, int server)
    {
        using var api = fleet[server].Api("beside");
        var cursors = (await api.PollAsync(_run)).Value.CursorPositions;
        return cursors.Count == 2 && cursors["ana"] == "meanwhile" && cursors["carl"] == "after";
    }
}
