using System.Net;
using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Conformance;
using Collab.ClientTests.Kit;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>How long a token lives, whatever this machine's wall clock says.</summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData(-65)]
    [InlineData(65)]
    [InlineData(600)]
    public void A_token_that_lives_an_hour_is_asked_for_once_wherever_the_clock_stands(int aheadMinutes)
    {
        var asked = 0;
        OfflineClient? here = null;
        OfflineClient.Run(client =>
        {
            here = client;
            client.Connection.Connect();
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "open")!.Reject(new IOException("No."));
            client.Pump.Settle();
            var asks = asked;
            for (var i = 0; i < 10; i++)
            {
                client.Server.Take(r => r.Name == "poll")!.Resolve(Shorthand.Answer(null));
                client.Pump.Settle();
                client.Time.Advance(TimeSpan.FromSeconds(2));
            }
            // Each attempt to connect asks for one, a poll does not.
            var attempts = client.Server.TakeAsked().Count(r => r.Name == "open");
            Assert.Equal(attempts, asked);
            Assert.Equal(1, asks);
        }, new CollabClientOptions { FallbackAfter = 1, Backoff = _ => TimeSpan.FromHours(1), Token = _ => ValueTask.FromResult(Token(++asked)) });

        string Token(int id)
        {
            // The issuer's clock is right, this machine's is off.
            var issuedAt = new SteppedTime(new Pump()).GetUtcNow().AddMinutes(-aheadMinutes) + (here?.Time.Elapsed ?? default);
            return FakeTokens.Create("alice", issuedAt.AddHours(1), id, issuedAt);
        }
    }

    [Fact]
    public void The_servers_time_which_a_ping_brings_decides_when_a_token_is_renewed()
    {
        var asked = 0;
        var start = new SteppedTime(new Pump()).GetUtcNow();
        // It was issued 55 minutes ago, which this clock, 56 minutes behind, cannot know.
        var (issuedAt, serverAhead) = (start.AddMinutes(1), TimeSpan.FromMinutes(56));
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "open")!.Resolve(null);
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(null));
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "Ping")!.Resolve(new JsonObject
            {
                ["clientTimestamp"] = 0,
                ["serverTimestamp"] = (client.Time.GetUtcNow() + serverAhead).ToUnixTimeMilliseconds(),
                ["lastSequences"] = new JsonObject { [OfflineClient.RunId.ToString()] = 0 },
            });
            client.Pump.Settle();

            client.Time.Advance(TimeSpan.FromSeconds(4 * 60 + 29.9));
            Assert.Equal(1, asked);
            client.Time.Advance(TimeSpan.FromSeconds(0.2));
            Assert.Equal(2, asked);
        }, new CollabClientOptions
        {
            PingInterval = TimeSpan.FromMinutes(10),
            Token = _ => ValueTask.FromResult(FakeTokens.Create("alice", issuedAt.AddHours(1), ++asked, issuedAt)),
        });
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-9)]
    public void A_token_that_is_refused_is_replaced_wherever_the_clock_stands(int aheadHours)
    {
        var asked = 0;
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "open")!.Reject(new IOException("No."));
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "poll")!.Resolve(new JsonObject { ["code"] = "unauthorized" }, HttpStatusCode.Unauthorized);
            client.Pump.Settle();

            Assert.Equal(2, asked);
            Assert.NotNull(client.Server.Take(r => r.Name == "poll"));
        }, new CollabClientOptions { FallbackAfter = 1, Token = _ => ValueTask.FromResult(Token(++asked)) });

        string Token(int id)
        {
            var now = new SteppedTime(new Pump()).GetUtcNow().AddHours(-aheadHours);
            return FakeTokens.Create("alice", now.AddHours(1), id, now);
        }
    }
}
