using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Presence;

/// <summary>Clients say up to which number they have applied a run, and are told of each other, by ping, poll, join and presence.</summary>
public sealed class SeenMarkTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const long Beyond = 9_000_000_000_000_000_000;

    [Fact]
    public async Task A_ping_tells_whose_mark_has_moved_since_the_last_one_and_each_move_once()
    {
        var run = await RunOfAsync(5);
        await using var alice = await JoinAsync("alice", run);
        await using var bob = await JoinAsync("bob", run);

        Assert.Equal(Marks(("alice", 2)), Told(await alice.SeenAsync(run, 2), run));
        Assert.Equal(Marks(("alice", 2), ("bob", 5)), Told(await bob.SeenAsync(run, 5), run));
        Assert.Equal(Marks(("bob", 5)), Told(await alice.SeenAsync(run, 2), run));

        Assert.Empty((await alice.SeenAsync(run, 2)).Seen!);
        Assert.Empty((await bob.SeenAsync(run, 5)).Seen!);
    }

    [Fact]
    public async Task A_ping_without_marks_is_answered_as_before_byte_for_byte()
    {
        var run = await RunOfAsync(1);
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("alice"));
        await wire.CallAsync("JoinRun", $"[\"{run}\",null]");

        var pong = (await wire.CallAsync("Ping", "[5,null]")).GetProperty("result");
        var same = (await wire.CallAsync("Ping", "[5,null,null]")).GetProperty("result");

        foreach (var answer in new[] { pong, same })
        {
            var at = answer.GetProperty("serverTimestamp").GetInt64();
            Assert.Equal("{\"clientTimestamp\":5,\"serverTimestamp\":" + at + ",\"lastSequences\":{\"" + run + "\":1}}", answer.GetRawText());
        }
        using var api = server.Api("alice");
        Assert.Null(Assert.Single((await PresenceAsync(api, run)).Presence).Seen);
    }

    [Fact]
    public async Task A_join_that_asks_for_it_is_answered_what_each_is_and_has_seen_and_a_ping_goes_on_from_there()
    {
        var run = await RunOfAsync(3);
        await using var alice = await JoinAsync("alice", run);
        await alice.SeenAsync(run, 3);
        await using var plain = await server.ConnectAsync("plain");
        Assert.Null((await plain.JoinAsync(run)).Presence);
        await using var bob = await HubClient.ConnectAsync(server.Address, TestTokens.Create("bob", name: "Bob"), fullPresence: true);

        var presence = (await bob.JoinAsync(run)).Presence;

        Assert.Equal(
            [new("alice", ParticipantKind.Person, null, 3), new("bob", ParticipantKind.Person, "Bob"), new("plain", ParticipantKind.Person)], presence);
        Assert.Equal(Marks(("bob", 1)), Told(await bob.SeenAsync(run, 1), run));
    }

    [Fact]
    public async Task A_number_that_the_run_has_not_reached_is_its_last_and_a_run_that_is_not_joined_is_passed_over()
    {
        var (run, other) = (await RunOfAsync(2), await RunOfAsync(2));
        await using var alice = await JoinAsync("alice", run);

        var pong = await alice.InvokeAsync<Pong>("Ping", 0.0, null, new Dictionary<Guid, long> { [run] = Beyond, [other] = 1 });

        Assert.Equal([run], pong.Seen!.Keys);
        Assert.Equal(Marks(("alice", 2)), Told(pong, run));
    }

    [Fact]
    public async Task A_poll_says_it_with_a_parameter_of_its_own_and_not_with_its_position()
    {
        var run = await RunOfAsync(4);
        using var api = server.Api("carol");

        var without = await PollAsync(api, run, "afterSequence=4&presence=full");
        var with = await PollAsync(api, run, "afterSequence=4&presence=full&seen=3");
        var beyond = await PollAsync(api, run, $"presence=full&seen={Beyond}");

        Assert.Equal([null, 3L, 4L], new[] { without, with, beyond }.Select(p => Assert.Single(p.Presence!).Seen));
        Assert.Null((await PollAsync(api, run, "afterSequence=4")).Presence);
    }

    [Fact]
    public async Task Of_several_tabs_the_furthest_counts_and_the_mark_goes_with_the_last_of_them()
    {
        var run = await RunOfAsync(5);
        await using var ahead = await JoinAsync("alice", run);
        await using var behind = await JoinAsync("alice", run);
        using var api = server.Api("carol");
        await ahead.SeenAsync(run, 5);
        await behind.SeenAsync(run, 2);
        Assert.Equal(5, await MarkOfAsync("alice"));

        await ahead.DisposeAsync();
        await Eventually.TrueAsync(async () => await CountAsync(run) == 1);
        Assert.Equal(5, await MarkOfAsync("alice"));
        await behind.DisposeAsync();
        await Eventually.TrueAsync(async () => (await PresenceAsync(api, run)).Presence.Count == 0);
        await using var again = await JoinAsync("alice", run);

        Assert.Null(await MarkOfAsync("alice"));

        async Task<long?> MarkOfAsync(string user) => (await PresenceAsync(api, run)).Presence.Single(p => p.UserId == user).Seen;
    }

    [Fact]
    public async Task Administrators_see_who_is_behind_and_by_how_many_events()
    {
        var run = await RunOfAsync(9);
        await using var alice = await JoinAsync("alice", run);
        await using var bob = await JoinAsync("bob", run);
        await using var silent = await JoinAsync("silent", run);
        await alice.SeenAsync(run, 9);
        await bob.SeenAsync(run, 4);
        using var api = server.AdminApi();

        var connections = (await api.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value;
        var metrics = (await api.GetAsync<IReadOnlyList<ConnectionMetrics>>("api/admin/websocket/metrics?limit=10000")).Value.Where(m => m.RunId == run);

        Assert.Equal(9, connections.LastSequence);
        Assert.Equal([("alice", 9L), ("bob", 4L), ("silent", null)], connections.Connections.Select(c => (c.UserId, c.Seen)).Order());
        Assert.Equal([("alice", 0L), ("bob", 5L), ("silent", null)], metrics.Select(m => (m.UserId, m.Behind)).Order());
    }

    private async Task<int> CountAsync(Guid run)
    {
        using var api = server.AdminApi();
        return (await api.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.ConnectionCount;
    }

    private async Task<Guid> RunOfAsync(int events)
    {
        var run = Guid.NewGuid();
        using var api = server.Api("maker");
        for (var n = 0; n < events; n++) await api.PublishAsync(run, EventTypes.Flag, new { stepId = "PM" });
        return run;
    }

    private async Task<HubClient> JoinAsync(string user, Guid run)
    {
        var client = await server.ConnectAsync(user);
        await client.JoinAsync(run);
        return client;
    }

    private static Dictionary<string, long> Marks(params (string User, long Seen)[] marks) => marks.ToDictionary(m => m.User, m => m.Seen);

    private static Dictionary<string, long> Told(Pong pong, Guid run) => pong.Seen!.GetValueOrDefault(run)?.ToDictionary() ?? [];

    private static async Task<PollResult> PollAsync(ApiClient api, Guid run, string query) =>
        (await api.GetAsync<PollResult>($"api/runs/{run}/collaboration/poll?{query}")).Value;

    private static async Task<PresenceResult> PresenceAsync(ApiClient api, Guid run) =>
        (await api.GetAsync<PresenceResult>($"api/runs/{run}/collaboration/presence")).Value;
}
