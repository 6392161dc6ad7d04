using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Conformance;
using Collab.ClientTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>Whose it is what waits, and what users are called.</summary>
public sealed class UserTests
{
    [Fact]
    public void What_one_user_has_queued_in_memory_waits_for_that_user() => Run(queueFolder: null);

    [Fact]
    public void What_one_user_has_queued_in_a_file_waits_for_that_user()
    {
        using var folder = new TemporaryFolder("queue");
        Run(folder.Path);
    }

    [Fact]
    public void What_is_said_between_connecting_again_and_the_token_is_by_whom_the_token_names()
    {
        var users = new Queue<string>(["alice", "bob"]);
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            _ = Publish(client, "m1");
            client.Do(client.Connection.CloseAsync);
            client.Pump.Settle();

            client.Server.Waiting.Clear();
            client.Connection.Connect();
            _ = Publish(client, "m2");
            GoLive(client);

            Assert.Equal("bob", client.Connection.Snapshot.UserId);
            Assert.Equal("m2", Assert.Single(Published(client)));
            Assert.Equal("m2", Shorthand.ShortId(Assert.Single(client.Connection.Snapshot.Pending).MessageId.ToString()));
        }, new CollabClientOptions { Token = _ => ValueTask.FromResult(FakeTokens.Create(users.Dequeue(), null, 1)) });
    }

    [Fact]
    public void A_cursor_that_one_user_has_set_is_not_told_as_that_of_the_next()
    {
        var users = new Queue<string>(["alice", "bob"]);
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            GoLive(client);
            client.Connection.MoveCursor("PM");
            client.Pump.Settle();
            client.Server.Hubs[0].Drop(new IOException());
            client.Pump.Settle();
            client.Server.TakeAsked();
            client.Time.Advance(TimeSpan.FromMilliseconds(100));
            GoLive(client);

            Assert.DoesNotContain(client.Server.TakeAsked(), request => request.Name == "MoveCursor");
        }, new CollabClientOptions { Token = _ => ValueTask.FromResult(FakeTokens.Create(users.Dequeue(), null, 1)) });
    }

    [Fact]
    public void Without_tokens_a_client_sends_none_and_is_whom_the_application_says()
    {
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            _ = Publish(client, "m1");
            GoLive(client);

            Assert.Equal("carol", client.Connection.Snapshot.UserId);
            Assert.Equal("m1", Assert.Single(Published(client)));
        }, new CollabClientOptions { UserId = "carol", Token = null }, hasToken: false);
    }

    [Fact]
    public void Names_are_remembered_from_answers_and_events_and_the_last_one_counts() => OfflineClient.Run(client =>
    {
        client.Connection.Connect();
        client.Pump.Settle();
        GoLive(client, new JsonObject { ["activeUsers"] = new JsonArray("u1", "u2"), ["userNames"] = new JsonObject { ["u1"] = "Ana", ["u2"] = " " } });
        var moved = Shorthand.Events([new JsonObject { ["eventType"] = "CURSOR_MOVE", ["userId"] = "u3", ["userName"] = "Cem" }]);
        client.Server.Hubs[0].Send(OfflineClient.RunId, moved);
        client.Pump.Settle();
        var snapshot = client.Connection.Snapshot;

        Assert.Equal(["Ana", "u2", "Cem", "toString"], new[] { "u1", "u2", "u3", "toString" }.Select(snapshot.NameOf));

        var long1 = Shorthand.Events([new JsonObject { ["eventType"] = "USER_JOIN", ["userId"] = "u1", ["userName"] = new string('x', 127) + "😀" }]);
        client.Server.Hubs[0].Send(OfflineClient.RunId, long1);
        client.Pump.Settle();
        Assert.Equal(new string('x', 127), client.Connection.Snapshot.NameOf("u1"));
    });

    private static void Run(string? queueFolder)
    {
        var users = new Queue<string>(["alice", "bob", "alice"]);
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            var told = Publish(client, "m1");
            Lose(client);

            GoLive(client);
            Assert.Equal("bob", client.Connection.Snapshot.UserId);
            Assert.Empty(client.Connection.Snapshot.Pending);
            Assert.Empty(Published(client));
            Assert.IsType<ConnectionClosedException>(told.Exception?.InnerException);
            client.Server.Hubs[1].Drop(new IOException());
            client.Pump.Settle();
            client.Time.Advance(TimeSpan.FromMilliseconds(200));
            client.Pump.Settle();

            GoLive(client);
            Assert.Equal("alice", client.Connection.Snapshot.UserId);
            Assert.Equal("m1", Assert.Single(Published(client)));
        }, new CollabClientOptions { QueueFolder = queueFolder, Token = _ => ValueTask.FromResult(FakeTokens.Create(users.Dequeue(), null, 1)) });
    }

    private static void Lose(OfflineClient client)
    {
        client.Server.Take(r => r.Name == "open")!.Reject(new IOException("No."));
        client.Pump.Settle();
        client.Time.Advance(TimeSpan.FromMilliseconds(100));
        client.Pump.Settle();
    }

    private static void GoLive(OfflineClient client, JsonObject? run = null)
    {
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(run));
        client.Pump.Settle();
    }

    private static Task Publish(OfflineClient client, string id)
    {
        var publish = client.Connection.PublishAsync("FLAG", System.Text.Json.JsonElement.Parse("""{"stepId":"S"}"""), Guid.Parse(Shorthand.LongId(id)));
        client.Pump.Settle();
        return publish;
    }

    private static IReadOnlyList<string?> Published(OfflineClient client) =>
        [.. client.Server.TakeAsked().Where(r => r.Name == "Publish").Select(r => Shorthand.ShortId((string?)r.Details[2]))];
}
