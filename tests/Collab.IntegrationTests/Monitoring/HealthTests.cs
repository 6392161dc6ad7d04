using System.Net;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Monitoring;

/// <summary>Who asks how the server is needs no token, gets an answer soon whatever is down, and learns which part it is and nothing more.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_store_that_is_gone_or_frozen_makes_the_server_unready_and_its_return_ready()
    {
        await using var postgres = await PostgresServer.StartPrivateAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerUnderTest.StartAsync(
            database, KeyValuePair.Create("Collab:Store:TimeoutSeconds", (string?)"1"), KeyValuePair.Create("Collab:Bus:Postgres", (string?)"false"));
        using var api = new ApiClient(server.Process.BaseAddress, token: null);
        await AssertReadyAsync(api);

        await postgres.StopAsync();
        await AssertUnreadyAsync(api);
        Assert.Equal("""{"status":"Healthy","checks":{}}""", (await api.GetAsync("health/live")).Body);
        using var alice = server.Api("alice");
        Assert.Equal(CollabErrorCode.Unavailable, (await alice.PublishAsync(Guid.NewGuid(), EventTypes.Flag, new { stepId = "A" })).Code);
        Assert.Equal((1, 1), ((await HealthAsync(api)).MessagesProcessed, (await HealthAsync(api)).Errors));
        var metrics = await api.MetricsAsync();
        Assert.Equal((1, 1), (metrics["""collab_append_failures_total{reason="unavailable"}"""], metrics["""collab_publish_refusals_total{code="unavailable"}"""]));
        await postgres.StartAgainAsync();
        await server.Process.BecomeReadyAsync();

        await postgres.PauseAsync();
        await AssertUnreadyAsync(api);
        await postgres.ResumeAsync();
        await server.Process.BecomeReadyAsync();
        await AssertReadyAsync(api);
    }

    [Fact]
    public async Task Every_connection_message_and_refusal_is_counted_whatever_happens_at_once()
    {
        const int Connections = 8;
        const int Publishes = 100;
        await using var server = await ServerProcess.StartAsync(new() { Configuration = Unlimited });
        using var api = new ApiClient(server.BaseAddress, token: null);

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async n =>
        {
            var run = Guid.NewGuid();
            var client = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create($"user-{n}"));
            await Task.WhenAll(Enumerable.Range(0, Publishes).Select(_ => client.GraftAsync(run)));
            Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(client.GraftAsync(run, after: "")));
            if (n % 2 == 0) await client.DisposeAsync();
            else await client.AbortAsync();
        }));

        await Eventually.TrueAsync(async () => (await HealthAsync(api)).ActiveConnections == 0);
        var health = await HealthAsync(api);
        Assert.Equal((Connections, Connections * (Publishes + 1), Connections), (health.TotalConnections, health.MessagesProcessed, health.Errors));
        Assert.Equal(server.BaseAddress.Port, health.WebSocketPort);
    }

    [Fact]
    public async Task A_connection_that_is_not_let_in_is_an_error_and_no_connection()
    {
        await using var server = await ServerProcess.StartAsync(new() { Configuration = new Dictionary<string, string?> { ["Collab:Limits:ConnectionsPerUser"] = "1" } });
        using var api = new ApiClient(server.BaseAddress, token: null);
        await using var first = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create("alice"));
        // Its handshake is over before it is let in, and the other one could be let in first.
        await first.PingAsync(5);
        await using var second = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create("alice"));
        await second.Closed.WaitAsync(Patience.Default);

        var health = await HealthAsync(api);

        Assert.Equal((1, 1, 0, 1), (health.TotalConnections, health.ActiveConnections, health.MessagesProcessed, health.Errors));
    }

    private static readonly Dictionary<string, string?> Unlimited = new() { ["Collab:Limits:PublishPerSecond"] = "0", ["Collab:Limits:PublishPerMinute"] = "0" };

    private static async Task<WebSocketHealth> HealthAsync(ApiClient api) => (await api.GetAsync<WebSocketHealth>("api/health/websocket")).Value;

    private static async Task AssertReadyAsync(ApiClient api)
    {
        var ready = await api.GetAsync("health/ready");
        Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy","checks":{"collab-store":"Healthy"}}"""), (ready.Status, ready.Body));
    }

    private static async Task AssertUnreadyAsync(ApiClient api)
    {
        // What a check found is the answer for a second.
        await Eventually.TrueAsync(async () => (await api.GetAsync("health/ready")).Status != HttpStatusCode.OK);
        var ready = await api.GetAsync("health/ready").WaitAsync(Patience.Default);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"Unhealthy","checks":{"collab-store":"Unhealthy"}}"""), (ready.Status, ready.Body));
    }
}
