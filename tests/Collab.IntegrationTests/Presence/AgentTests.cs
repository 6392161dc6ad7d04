using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Presence;

/// <summary>A token that says so makes an agent of its user, whom the others see as one, and who has limits of its own.</summary>
public sealed class AgentTests(AgentTests.Server server) : IClassFixture<AgentTests.Server>
{
    [Fact]
    public async Task An_agent_is_seen_as_one_and_a_person_as_before()
    {
        var run = Guid.NewGuid();
        await using var watcher = await HubClient.ConnectAsync(server.Address, TestTokens.Create("alice"), fullPresence: true);
        await watcher.JoinAsync(run);
        await using var bot = await HubClient.ConnectAsync(server.Address, TestTokens.Create("bot", name: "Scanner", kind: "agent"));
        await bot.JoinAsync(run);
        await using var odd = await HubClient.ConnectAsync(server.Address, TestTokens.Create("odd", kind: "Agent of change"));
        await odd.JoinAsync(run);

        var joins = await watcher.WaitForAsync(events => events.Any(e => e.UserId == "odd"));
        var presence = (await watcher.JoinAsync(run)).Presence!;

        Assert.Equal(
            ["{\"activeUserCount\":2,\"kind\":\"agent\"}", "{\"activeUserCount\":3}"],
            joins.Where(e => e.EventType == EventTypes.UserJoin && e.UserId != "alice").Select(e => e.Data.GetRawText()));
        Assert.Equal(
            [new("alice", ParticipantKind.Person), new("bot", ParticipantKind.Agent, "Scanner"), new("odd", ParticipantKind.Person)], presence);
    }

    [Fact]
    public async Task It_has_limits_of_its_own_on_the_hub_and_over_HTTP()
    {
        var run = Guid.NewGuid();
        await using var bot = await HubClient.ConnectAsync(server.Address, TestTokens.Create("busy-bot", kind: "agent"));
        await using var person = await server.ConnectAsync("busy-person");
        for (var n = 0; n < 5; n++) await bot.GraftAsync(run);
        await person.GraftAsync(run);

        Assert.Equal(CollabErrorCode.RateLimited, await HubClient.RefusalOf(bot.GraftAsync(run)));
        Assert.Equal(CollabErrorCode.RateLimited, await HubClient.RefusalOf(person.GraftAsync(run)));
        using var api = new ApiClient(server.Address, TestTokens.Create("http-bot", kind: "agent"));
        var answers = new List<System.Net.HttpStatusCode>();
        for (var n = 0; n < 6; n++) answers.Add((await api.PublishAsync(run, EventTypes.Flag, new { stepId = "PM" })).Status);
        Assert.Equal([.. Enumerable.Repeat(System.Net.HttpStatusCode.Created, 5), System.Net.HttpStatusCode.TooManyRequests], answers);
    }

    [Fact]
    public async Task It_has_as_many_connections_and_runs_as_agents_may()
    {
        var token = TestTokens.Create("many-bot", kind: "agent");
        await using var first = await HubClient.ConnectAsync(server.Address, token);
        await first.JoinAsync(Guid.NewGuid());
        Assert.Equal(CollabErrorCode.RateLimited, await HubClient.RefusalOf(first.JoinAsync(Guid.NewGuid())));

        await using var second = await HubClient.ConnectAsync(server.Address, token);
        await second.Closed.WaitAsync(Patience.Default);
        Assert.False(first.Closed.IsCompleted);
    }

    public sealed class Server : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More => new Dictionary<string, string?>
        {
            ["Collab:Limits:PublishPerSecond"] = "1",
            ["Collab:Limits:PublishBurst"] = "1",
            ["Collab:Limits:PublishPerMinute"] = "1",
            ["Collab:Limits:Agent:PublishBurst"] = "5",
            ["Collab:Limits:Agent:PublishPerMinute"] = "5",
            ["Collab:Limits:Agent:ConnectionsPerUser"] = "1",
            ["Collab:Limits:Agent:RunsPerConnection"] = "1",
        };
    }
}
