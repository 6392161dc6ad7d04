using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Cluster;

/// <summary>Two servers on one PostgreSQL, with each bus: what a client sees does not depend on which of them it is connected to.</summary>
public sealed class TwoServersTests(PostgresFixture postgres) : ServerPairTests(postgres)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_of_both_reach_the_followers_of_both_in_one_order(bool redis)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var atOne = await pair.One.ConnectAsync("ana");
        await using var atTwo = await pair.Two.ConnectAsync("ben");
        await atOne.JoinAsync(run);
        await atTwo.JoinAsync(run);

        const int Each = 100;
        await Task.WhenAll(PublishAsync(atOne), PublishAsync(atTwo));
        await atOne.WaitForSequenceAsync(run, 2 * Each);
        await atTwo.WaitForSequenceAsync(run, 2 * Each);

        Assert.Equal(Enumerable.Range(1, 2 * Each).Select(n => (long)n), atOne.SequencesOf(run));
        Assert.Equal(atOne.SequencesOf(run), atTwo.SequencesOf(run));
        Assert.Equal(Ids(atOne), Ids(atTwo));

        async Task PublishAsync(HubClient client)
        {
            for (var i = 0; i < Each; i++) await client.GraftAsync(run);
        }

        IEnumerable<Guid> Ids(HubClient client) => client.Events.All.Where(e => e.IsCritical).Select(e => e.MessageId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task How_far_each_has_seen_and_who_is_an_agent_is_known_on_both(bool redis)
    {
        await using var pair = await StartAsync(redis);
        await pair.MeetAsync();
        var run = Guid.NewGuid();
        await using var atOne = await pair.One.ConnectAsync("ana");
        await using var atTwo = await HubClient.ConnectAsync(pair.Two.Process.BaseAddress, TestTokens.Create("bot", kind: "agent"), fullPresence: true);
        await atOne.JoinAsync(run);
        await atTwo.JoinAsync(run);
        for (var n = 0; n < 3; n++) await atOne.GraftAsync(run);
        await atTwo.WaitForSequenceAsync(run, 3);

        await atOne.SeenAsync(run, 3);
        await atTwo.SeenAsync(run, 2);

        foreach (var server in (RunLog.ServerUnderTest[])[pair.One, pair.Two])
        {
            using var api = server.Api();
            await Eventually.TrueAsync(async () => (await PresenceAsync(api)).SequenceEqual(
                [new("ana", ParticipantKind.Person, null, 3), new("bot", ParticipantKind.Agent, null, 2)]));
        }
        await Eventually.TrueAsync(async () => (await atTwo.JoinAsync(run)).Presence!.Any(p => p is { UserId: "ana", Seen: 3 }));

        async Task<IReadOnlyList<PresenceEntry>> PresenceAsync(ApiClient api) =>
            (await api.GetAsync<PresenceResult>($"api/runs/{run}/collaboration/presence")).Value.Presence;
    }

    /// <summary>Without a bus the other server would hear of it by the store, within a second: that counts as a heal.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task News_come_by_the_bus_and_not_by_the_store(bool redis)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var follower = await pair.Two.ConnectAsync("ben");
        await follower.JoinAsync(run);
        await using var publisher = await pair.One.ConnectAsync("ana");
        using var api = pair.Two.Api();
        await Eventually.TrueAsync(async () => (await api.MetricsAsync())["collab_cluster_servers"] == 2);

        // For some seconds after they have met, the store is looked at too.
        await Eventually.TrueAsync(IsWithoutHealsAsync);
        await Eventually.TrueAsync(async () => (await api.MetricsAsync())["collab_bus_received_total"] > 20);

        async Task<bool> IsWithoutHealsAsync()
        {
            var before = (await api.MetricsAsync())["collab_feed_heals_total"];
            for (var i = 0; i < 20; i++)
                await follower.WaitForSequenceAsync(run, (await publisher.GraftAsync(run)).SequenceNumber!.Value);
            return (await api.MetricsAsync())["collab_feed_heals_total"] == before;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_server_has_acknowledged_is_in_all_its_answers(bool redis)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var other = await pair.One.ConnectAsync("ana");
        await using var own = await pair.Two.ConnectAsync("ben");
        using var api = pair.Two.Api("ben");
        await own.JoinAsync(run);
        using var enough = new CancellationTokenSource();
        var others = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested) await other.GraftAsync(run);
        });

        for (var i = 0; i < 100; i++)
        {
            var number = (await own.GraftAsync(run)).SequenceNumber;
            var answer = await api.PollAsync(run, number - 1);
            Assert.Contains(answer.Value.Events, e => e.SequenceNumber == number);
        }
        await enough.CancelAsync();
        await others;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_user_on_two_servers_comes_once_and_leaves_once(bool redis)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var watcher = await pair.One.ConnectAsync("watcher");
        await watcher.JoinAsync(run);
        await using (var first = await pair.One.ConnectAsync("ana"))
        {
            await first.JoinAsync(run);
            await using (var second = await pair.Two.ConnectAsync("ana"))
            {
                var joined = await second.JoinAsync(run);
                Assert.Equal(["ana", "watcher"], joined.ActiveUsers);
                await second.MoveCursorAsync(run, "node-7");
                await watcher.WaitForAsync(all => all.Any(e => e.EventType == EventTypes.CursorMove));
                await first.DisposeAsync();
                await using var late = await pair.One.ConnectAsync("late");
                var view = await late.JoinAsync(run);
                Assert.Equal(["ana", "late", "watcher"], view.ActiveUsers);
                Assert.Equal("node-7", view.CursorPositions["ana"]);
            }
            await watcher.WaitForAsync(all => all.Any(e => e is { EventType: EventTypes.UserLeave, UserId: "ana" }));
        }
        Assert.Equal(
            [EventTypes.UserJoin, EventTypes.UserLeave],
            watcher.Events.All.Where(e => e.UserId == "ana" && e.EventType != EventTypes.CursorMove).Select(e => e.EventType));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ephemeral_events_erasures_and_disconnects_reach_the_other_server(bool redis)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var follower = await pair.Two.ConnectAsync("ben");
        await follower.JoinAsync(run);
        await using var publisher = await pair.One.ConnectAsync("ana");
        using var admin = pair.One.Api();
        using var two = pair.Two.Api();
        await Eventually.TrueAsync(async () => (await two.MetricsAsync())["collab_cluster_servers"] == 2);

        await publisher.InvokeAsync<PublishAck>("Publish", run, "TYPING", new { text = "…" }, Guid.NewGuid());
        await follower.WaitForAsync(all => all.Any(e => e.EventType == "TYPING"));

        await publisher.GraftAsync(run);
        await follower.WaitForSequenceAsync(run, 1);
        await admin.EraseAsync(run);
        Assert.Empty((await two.PollAsync(run, 0)).Value.Events);
        Assert.Contains("[replaced]", (await follower.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);

        await using var kicked = await pair.Two.ConnectAsync("carl");
        await kicked.PingAsync();
        await admin.SendAsync(HttpMethod.Delete, "api/admin/websocket/users/carl");
        Assert.Contains("[kicked]", (await kicked.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_users_of_a_server_that_was_killed_are_gone(bool redis)
    {
        await using var pair = await StartAsync(redis);
        var run = Guid.NewGuid();
        await using var watcher = await pair.One.ConnectAsync("watcher");
        await watcher.JoinAsync(run);
        await using var other = await pair.Two.ConnectAsync("ana");
        await other.JoinAsync(run);
        await watcher.WaitForAsync(all => all.Any(e => e is { EventType: EventTypes.UserJoin, UserId: "ana" }));

        await pair.Two.Process.KillAsync();

        await watcher.WaitForAsync(all => all.Any(e => e is { EventType: EventTypes.UserLeave, UserId: "ana" }));
        Assert.Equal(1, (await watcher.GraftAsync(run)).SequenceNumber);
    }

    [Fact]
    public async Task Redis_may_be_killed_while_clients_publish()
    {
        await using var pair = await StartAsync(redis: true);
        var run = Guid.NewGuid();
        await using var follower = await pair.Two.ConnectAsync("ben");
        await follower.JoinAsync(run);
        await using var publisher = await pair.One.ConnectAsync("ana");
        using var api = pair.Two.Api();
        for (var i = 0; i < 50; i++) await publisher.GraftAsync(run);

        await Redis.KillAsync();
        for (var i = 0; i < 50; i++) await publisher.GraftAsync(run);
        await follower.WaitForSequenceAsync(run, 100);
        var ready = await api.GetAsync("health/ready");
        Assert.Equal(System.Net.HttpStatusCode.OK, ready.Status);
        Assert.Equal("Degraded", ready.Json.GetProperty("checks").GetProperty("collab-bus").GetString());

        await Redis.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await api.MetricsAsync())["collab_bus_connected"] == 1);
        for (var i = 0; i < 50; i++) await publisher.GraftAsync(run);
        await follower.WaitForSequenceAsync(run, 150);
        Assert.Equal(Enumerable.Range(1, 150).Select(n => (long)n), follower.SequencesOf(run));
    }
}
