using System.Net;
using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Conformance;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>Why the server ended a connection, and what follows from that.</summary>
public sealed class EndingTests
{
    [Theory]
    [InlineData("slow", EndingCode.Slow)]
    [InlineData("replaced", EndingCode.Replaced)]
    [InlineData("too_many", EndingCode.TooMany)]
    [InlineData("protocol", EndingCode.Protocol)]
    public void An_ending_is_told_with_what_the_server_says_and_the_client_comes_back(string wire, EndingCode code) => OfflineClient.Run(client =>
    {
        GoLive(client);
        var at = client.Time.GetUtcNow();

        client.Server.Hubs[0].Drop(new HubException($"The server closed the connection with the following error: [{wire}] As it is."), code.IsReconnectAllowed());
        client.Pump.Settle();

        Assert.Equal(new ConnectionEnding(code, "As it is.", at), client.Connection.Snapshot.Reason);
        Assert.IsType<ConnectionState.Reconnecting>(client.Connection.Snapshot.Connection);
    });

    [Fact]
    public void A_connection_that_may_come_back_after_a_run_was_taken_away_asks_for_it_again() => OfflineClient.Run(client =>
    {
        GoLive(client);

        client.Server.Hubs[0].Drop(new HubException("[revoked] Not this run."), allowReconnect: true);
        client.Pump.Settle();

        Assert.IsType<ConnectionState.Reconnecting>(client.Connection.Snapshot.Connection);
    });

    [Theory]
    [InlineData("The server closed the connection with the following error: <h1>[revoked]</h1>")]
    [InlineData("Somebody [shutdown] something")]
    public void Words_that_only_look_like_a_code_are_no_ending(string text) => OfflineClient.Run(client =>
    {
        GoLive(client);

        client.Server.Hubs[0].Drop(new HubException(text), allowReconnect: false);
        client.Pump.Settle();

        Assert.Null(client.Connection.Snapshot.Reason);
        Assert.IsType<ConnectionState.Reconnecting>(client.Connection.Snapshot.Connection);
    });

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "forbidden", EndingCode.Kicked, false)]
    [InlineData(HttpStatusCode.Forbidden, "forbidden", EndingCode.Revoked, true)]
    [InlineData(HttpStatusCode.Unauthorized, "unauthorized", EndingCode.Expired, false)]
    [InlineData(HttpStatusCode.TooManyRequests, "rate_limited", EndingCode.TooMany, false)]
    public void A_poll_that_the_server_ends_tells_why(HttpStatusCode status, string code, EndingCode ending, bool isFinal) => OfflineClient.Run(client =>
    {
        FallBack(client);

        client.Server.Take(r => r.Name == "poll")!.Resolve(new JsonObject { ["code"] = code, ["detail"] = "Go.", ["ending"] = ending.ToWire() }, status);
        client.Pump.Settle();

        Assert.Equal(ending, client.Connection.Snapshot.Reason?.Code);
        Assert.Equal(isFinal, client.Connection.Snapshot.Connection is ConnectionState.Closed { Error.Code: CollabErrorCode.Forbidden });
    }, new CollabClientOptions { FallbackAfter = 1 });

    [Fact]
    public void A_code_under_a_status_that_is_not_its_own_is_not_the_servers() => OfflineClient.Run(client =>
    {
        FallBack(client);

        client.Server.Take(r => r.Name == "poll")!.Resolve(new JsonObject { ["code"] = "forbidden" }, HttpStatusCode.BadGateway);
        client.Pump.Settle();

        Assert.IsType<ConnectionState.Polling>(client.Connection.Snapshot.Connection);
    }, new CollabClientOptions { FallbackAfter = 1 });

    private static void GoLive(OfflineClient client)
    {
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(null));
        client.Pump.Settle();
    }

    private static void FallBack(OfflineClient client)
    {
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Reject(new IOException("No."));
        client.Pump.Settle();
    }
}
