using System.Diagnostics;
using Collab.IntegrationTests.Cluster.Kit;
using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>Servers that the bus does not reach for a while, with and without noticing: each goes on, and all agree soon after.</summary>
[Collection(ClusterDrills.Name)]
public sealed class PartitionTests(PostgresFixture postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Here = 0;
    private const int Cut = 1;
    private const int Stalled = 2;
    private const int Servers = 3;
    private static readonly string[] How = ["well", "cut", "stalled"];
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(Fleet.IsLong ? 10 : 0);

    private readonly Guid _run = Guid.NewGuid();
    private readonly List<Follower> _followers = [];
    private readonly List<HubClient> _users = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var follower in _followers) await follower.DisposeAsync();
        foreach (var user in _users) await user.DisposeAsync();
    }

    [Fact]
    public async Task Each_side_keeps_its_own_and_all_agree_when_it_is_over()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var relays = new Relays(redis.Port, Servers);
        await using var fleet = await Fleet.StartAsync(postgres, relays.ConfigurationOf, Servers);
        await GatherAsync(fleet);
        var load = new Load(Fleet.IsLong ? 100 : 30, [_run], (to, n) => _users[n % Servers].GraftAsync(to));
        foreach (var follower in _followers) await follower.Track.WaitForAsync(30);

        var began = Stopwatch.GetTimestamp();
        relays[Cut].Cut();
        relays[Stalled].Stall();
        // The silence of the others is noticed where the bus is well, and only there.
        await Eventually.TrueAsync(() => _followers[Here].Track.Users is ["leaves-0", "watcher-0"], Patience.Process);
        output.WriteLine($"taken for gone after {Figures.Seconds(Stopwatch.GetElapsedTime(began))}");
        await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(began) > AtLeast);
        await load.StopAsync();
        foreach (var follower in _followers.Skip(1)) Assert.Equal(2 * Servers, follower.Track.Users.Length);
        await MeanwhileAsync(fleet);

        relays[Cut].Heal();
        relays[Stalled].Heal();
        await AgreeAsync(fleet);
        Assert.Empty(load.Failures);
        foreach (var follower in _followers) await follower.Track.WaitForAsync(load.All.Length);
        foreach (var follower in _followers) follower.Track.AssertHolds(load.Of(_run));
        ReportLags(load, began);
    }

    [Fact]
    public async Task Servers_start_without_their_bus_and_find_each_other_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        var database = await postgres.CreateDatabaseAsync();
        var bus = KeyValuePair.Create("Collab:Bus:Redis", (string?)redis.Configuration);
        await using var one = await ServerUnderTest.StartAsync(database, bus);
        await using var two = await ServerUnderTest.StartAsync(database, bus);
        _followers.Add(await Follower.StartAsync(two.Process.BaseAddress, "ben", _run));
        _users.Add(await one.ConnectAsync("ana"));
        await _users[0].JoinAsync(_run);
        await _users[0].GraftAsync(_run);
        await _followers[0].Track.WaitForAsync(1);
        Assert.Equal(["ben"], _followers[0].Track.Users);

        await redis.StartAgainAsync();

        await Eventually.TrueAsync(() => _followers[0].Track.Users is ["ana", "ben"], Patience.Process);
    }

    /// <summary>On each server one who stays, and one who will leave meanwhile.</summary>
    private async Task GatherAsync(Fleet fleet)
    {
        for (var n = 0; n < Servers; n++) _followers.Add(await Follower.StartAsync(fleet[n].Process.BaseAddress, $"watcher-{n}", _run));
        for (var n = 0; n < Servers; n++) await JoinAsync(fleet, n, $"leaves-{n}");
        foreach (var follower in _followers) await Eventually.TrueAsync(() => follower.Track.Users.Length == 2 * Servers);
    }

    /// <summary>One leaves each server, one comes to each, and each one's cursor moves.</summary>
    private async Task MeanwhileAsync(Fleet fleet)
    {
        foreach (var user in _users) await user.DisposeAsync();
        for (var n = 0; n < Servers; n++) await JoinAsync(fleet, n, $"comes-{n}");
        for (var n = 0; n < Servers; n++) await _users[Servers + n].MoveCursorAsync(_run, $"node-{n}");
    }

    private async Task AgreeAsync(Fleet fleet)
    {
        var healed = Stopwatch.GetTimestamp();
        string[] all = ["comes-0", "comes-1", "comes-2", "watcher-0", "watcher-1", "watcher-2"];
        foreach (var follower in _followers)
            await Eventually.TrueAsync(() => follower.Track.Users.SequenceEqual(all), Patience.Process, $"{follower.Track.User} sees all");
        for (var n = 0; n < Servers; n++) await Eventually.TrueAsync(() => HasCursorsAsync(fleet, n));
        output.WriteLine($"all agree {Figures.Seconds(Stopwatch.GetElapsedTime(healed))} after it is over");
    }

    private async Task JoinAsync(Fleet fleet, int server, string user)
    {
        var client = await fleet[server].ConnectAsync(user);
        _users.Add(client);
        await client.JoinAsync(_run);
    }

    private async Task<bool> HasCursorsAsync(Fleet fleet, int server)
    {
        using var api = fleet[server].Api("watcher-0");
        var cursors = (await api.PollAsync(_run)).Value.CursorPositions;
        return cursors.Count == Servers && Enumerable.Range(0, Servers).All(n => cursors.GetValueOrDefault($"comes-{n}") == $"node-{n}");
    }

    private void ReportLags(Load load, long began)
    {
        var meanwhile = load.All.Where(p => p.AckedAt > began).ToArray();
        for (var n = 0; n < Servers; n++)
        {
            var lags = Figures.LagsOf(_followers[n].Track, meanwhile.Where(p => p.Number % Servers != n)).Select(l => l.Ms);
            output.WriteLine($"the others' events meanwhile, where the bus is {How[n]}: {Figures.Of(lags)}");
        }
    }

    /// <summary>What is between each server and Redis.</summary>
    private sealed class Relays(int port, int count) : IAsyncDisposable
    {
        private readonly Relay[] _all = [.. Enumerable.Range(0, count).Select(_ => new Relay(() => port))];

        public Relay this[int index] => _all[index];

        public string ConfigurationOf(int index) => $"127.0.0.1:{_all[index].Port}";

        public async ValueTask DisposeAsync()
        {
            foreach (var relay in _all) await relay.DisposeAsync();
        }
    }
}
