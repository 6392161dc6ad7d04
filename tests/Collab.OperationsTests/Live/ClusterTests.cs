using System.Net;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>Three servers with a Redis, behind a proxy that knows nothing of runs, as Compose's profile <c>cluster</c> has them.</summary>
public sealed class ClusterTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Clients_that_come_through_the_proxy_are_on_all_servers_and_see_the_same()
    {
        await using var cluster = await ComposedCluster.StartAsync(await postgres.CreateDatabaseAsync());
        var run = Guid.NewGuid();
        var clients = new List<HubClient>();
        try
        {
            for (var i = 0; i < 6; i++)
            {
                var client = await HubClient.ConnectAsync(cluster.Proxy.Address, TestTokens.Create(string.Create(null, $"user-{i}")));
                clients.Add(client);
                await client.JoinAsync(run);
            }
            foreach (var server in cluster.Servers) Assert.Equal(2, await ConnectionsOfAsync(server));

            await Task.WhenAll(clients.Select(client => client.GraftAsync(run)));
            await Task.WhenAll(clients.Select(client => client.WaitForSequenceAsync(run, clients.Count)));
            var numbers = Enumerable.Range(1, clients.Count).Select(n => (long)n);
            Assert.All(clients, client => Assert.Equal(numbers, client.SequencesOf(run)));

            using var api = new ApiClient(cluster.Proxy.Address, TestTokens.Create("reader"));
            for (var i = 0; i < 6; i++) Assert.Equal(clients.Count, (await api.PollAsync(run, 0)).Value.Events.Count);
            // Each of them has had a request, which is in the log a moment after its answer.
            await Eventually.TrueAsync(
                () => cluster.Servers.All(s => cluster.Proxy.AccessLog.Contains(s.BaseAddress.Authority, StringComparison.Ordinal)));
        }
        finally
        {
            foreach (var client in clients) await client.DisposeAsync();
        }
    }

    /// <summary>It has the fewest connections, so the proxy asks it first: the client hears nothing of that.</summary>
    [Fact]
    public async Task A_server_that_ends_keeps_no_client_from_coming_in()
    {
        await using var cluster = await ComposedCluster.StartAsync(await postgres.CreateDatabaseAsync());
        using var admin = new ApiClient(cluster.Servers[0].BaseAddress, TestTokens.Create("operator", admin: true));
        Assert.Equal(HttpStatusCode.OK, (await admin.SendAsync(HttpMethod.Post, "api/admin/drain")).Status);
        await Eventually.TrueAsync(async () => (await admin.GetAsync("api/admin/drain")).Json.GetProperty("state").GetString() == "drained");

        var run = Guid.NewGuid();
        for (var i = 0; i < 4; i++)
        {
            await using var client = await HubClient.ConnectAsync(cluster.Proxy.Address, TestTokens.Create("alice"));
            await client.JoinAsync(run);
        }
        Assert.Equal(0, await ConnectionsOfAsync(cluster.Servers[0]));
    }

    [Fact]
    public async Task Redis_starts_with_a_password_only()
    {
        var port = FreePort.Next();
        await using var open = ComposedCluster.StartRedis(port, password: "");
        Assert.NotEqual(0, await open.Exited.WaitAsync(Patience.Process));
        Assert.Contains(open.Output.All, line => line.Contains("REDIS_PASSWORD", StringComparison.Ordinal));
    }

    private static async Task<long> ConnectionsOfAsync(ServerProcess server)
    {
        using var api = new ApiClient(server.BaseAddress, token: null);
        return (await api.GetAsync("api/health/websocket")).Json.GetProperty("activeConnections").GetInt64();
    }
}
