using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Conformance;
using Collab.ClientTests.Kit;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>What no scenario can say, for it is about this client's inside.</summary>
public sealed class HubLinkTests
{
    [Fact]
    public void A_connection_whose_events_pile_up_is_given_up_and_the_next_one_gets_what_is_missing() => OfflineClient.Run(client =>
    {
        client.Connection.Connect();
        client.Pump.Settle();
        Join(client, new JsonObject());

        // All of it comes before the client has had a turn.
        for (var i = 1; i <= 12_000; i += 100) client.Server.Hubs[0].Send(OfflineClient.RunId, Shorthand.Events([$"{i}-{i + 99}"]));
        client.Pump.Settle();
        Assert.IsType<ConnectionState.Reconnecting>(client.Connection.Snapshot.Connection);
        var last = client.Connection.Snapshot.LastSequence;
        Assert.InRange(last, 0, 10_000);

        client.Time.Advance(TimeSpan.FromMilliseconds(100));
        Join(client, new JsonObject { ["events"] = new JsonArray($"{last + 1}-12000") });
        Assert.Equal(12_000, client.Connection.Snapshot.LastSequence);
        Assert.Equal(12_000, client.Connection.Snapshot.Events.Count);
    }, new CollabClientOptions { MaxEvents = 20_000, MaxUnread = 100 });

    [Fact]
    public void A_poll_whose_answer_makes_no_sense_is_not_the_last() => OfflineClient.Run(client =>
    {
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Reject(new IOException("No."));
        client.Pump.Settle();

        client.Server.Take(r => r.Name == "poll")!.Resolve(new JsonObject { ["events"] = new JsonArray() });
        client.Pump.Settle();
        client.Time.Advance(TimeSpan.FromSeconds(2));
        client.Server.Take(r => r.Name == "poll")!.Resolve(Shorthand.Answer(new JsonObject { ["events"] = new JsonArray("1-3") }));
        client.Pump.Settle();

        Assert.Equal(3, client.Connection.Snapshot.LastSequence);
        Assert.True(client.Connection.Snapshot.IsConnected);
    }, new CollabClientOptions { FallbackAfter = 1 });

    [Fact]
    public void The_address_of_the_hub_names_the_client_and_not_the_user() => OfflineClient.Run(client =>
    {
        client.Connection.Connect();
        client.Pump.Settle();

        Assert.Matches("^https://collab.test/behind/hubs/collaboration\\?run=[0-9a-f-]{36}&fingerprints=true&presence=full&clientId=[0-9a-f-]{36}&reconnects=0$", client.Server.HubAddress?.ToString());
    }, new CollabClientOptions { BaseAddress = new Uri("https://collab.test/behind/") });

    [Fact]
    public void A_token_provider_that_never_answers_is_a_failed_attempt_and_holds_nothing()
    {
        var asked = 0;
        var never = new TaskCompletionSource<string>();
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(2, Assert.IsType<ConnectionState.Reconnecting>(client.Connection.Snapshot.Connection).Attempt);
            client.Time.Advance(TimeSpan.FromMilliseconds(100));
        }, new CollabClientOptions { Token = _ => Ask() });
        Assert.Equal(2, asked);

        ValueTask<string> Ask()
        {
            asked++;
            return new ValueTask<string>(never.Task);
        }
    }

    private static void Join(OfflineClient client, JsonObject run)
    {
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(run));
        client.Pump.Settle();
    }
}
