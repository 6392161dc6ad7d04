using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Presence;

/// <summary>Users whose id is no name are called what their token says: in presence, in events, and in what is stored.</summary>
public sealed class DisplayNameTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Id = "5a0f5b8e-7c6e-4f0e-9a31-2f6d9a5f9d10";

    [Fact]
    public async Task Names_are_in_presence_and_events_by_hub_HTTP_and_stream()
    {
        var run = Guid.NewGuid();
        var named = TestTokens.Create(Id, name: "Alice Liddell");
        await using var bob = await HubClient.ConnectAsync(server.Address, TestTokens.Create("bob"));
        using var api = new ApiClient(server.Address, named);
        await bob.JoinAsync(run);

        await using var alice = await HubClient.ConnectAsync(server.Address, named);
        var joined = await alice.JoinAsync(run);
        await alice.GraftAsync(run);
        await api.PublishAsync(run, EventTypes.Flag, new { stepId = "A" });
        var heard = await bob.Events.WaitForAsync(events => events.Any(e => e.SequenceNumber == 2) && events.Any(e => e.UserId == Id && e.EventType == EventTypes.UserJoin));

        Assert.Equal([KeyValuePair.Create(Id, "Alice Liddell")], joined.UserNames!);
        Assert.All(heard.Where(e => e.UserId == Id), e => Assert.Equal("Alice Liddell", e.UserName));
        Assert.Equal(["Alice Liddell", "Alice Liddell"], (await api.ReplayAsync(run)).Value.Events.Select(e => e.UserName));
        Assert.Equal("Alice Liddell", (await api.PollAsync(run)).Value.UserNames![Id]);
        using var enough = new CancellationTokenSource(Patience.Default);
        await foreach (var message in api.StreamAsync(run, cancellationToken: enough.Token))
        {
            if (message.Type == "run") continue;
            Assert.Equal("Alice Liddell", message.ToEvent().UserName);
            break;
        }
    }

    [Fact]
    public async Task Users_without_a_name_change_nothing_in_the_answers()
    {
        var run = Guid.NewGuid();
        using var api = new ApiClient(server.Address, TestTokens.Create("bob"));
        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });

        var polled = (await api.PollAsync(run)).Json;

        Assert.False(polled.TryGetProperty("userNames", out _));
        Assert.False(polled.GetProperty("events")[0].TryGetProperty("userName", out JsonElement _));
    }
}
