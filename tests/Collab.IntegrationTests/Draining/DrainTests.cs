using System.Net;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Draining;

/// <summary>A server that is to go says so first, sends its connections elsewhere bit by bit, and can be called back.</summary>
public sealed class DrainTests
{
    private const string Drain = "api/admin/drain";

    [Fact]
    public async Task It_is_unready_at_once_and_goes_on_as_before_until_the_delay_is_over()
    {
        await using var server = await StartAsync(delay: 600, over: 600);
        using var admin = Admin(server);
        var run = Guid.NewGuid();
        await using var alice = await ConnectAsync(server, "alice");
        await alice.JoinAsync(run);

        var begun = await SendAsync(admin, HttpMethod.Post);
        var again = await SendAsync(admin, HttpMethod.Post);

        Assert.Equal((DrainState.Waiting, false, 1, 0, 0), (begun.State, begun.IsStopping, begun.Open, begun.Told, begun.Queued));
        Assert.InRange(begun.EndsAt!.Value - begun.StartedAt!.Value, 1_199_000, 1_201_000);
        Assert.Equal((begun.State, begun.StartedAt), (again.State, again.StartedAt));
        await AssertReadinessAsync(admin, HttpStatusCode.ServiceUnavailable, "Unhealthy", """{"collab-store":"Healthy","collab-drain":"Draining"}""");
        Assert.Equal(1, (await admin.MetricsAsync())["collab_draining"]);
        await using var bob = await ConnectAsync(server, "bob");
        await bob.JoinAsync(run);
        await bob.GraftAsync(run);
        await alice.WaitForSequenceAsync(run, 1);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("health/live")).Status);

        Assert.Equal(DrainState.Serving, (await SendAsync(admin, HttpMethod.Delete)).State);

        await AssertReadinessAsync(admin, HttpStatusCode.OK, "Healthy", """{"collab-store":"Healthy"}""");
        await Eventually.TrueAsync(async () => (await admin.MetricsAsync())["collab_draining"] == 0);
        Assert.False(alice.Closed.IsCompleted);
    }

    [Fact]
    public async Task Then_it_lets_nothing_new_in_tells_one_after_the_other_and_takes_what_they_publish()
    {
        await using var server = await StartAsync(delay: 0, over: 600);
        using var admin = Admin(server);
        var run = Guid.NewGuid();
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => ConnectAsync(server, $"user-{n}")));
        await Task.WhenAll(all.Select(client => client.JoinAsync(run)));

        Assert.NotEqual(DrainState.Drained, (await SendAsync(admin, HttpMethod.Post)).State);

        // The first is told at once, and one more each second.
        await Task.WhenAny(all.Select(client => client.Closed)).WaitAsync(Patience.Default);
        Assert.Equal(DrainState.Closing, (await StatusAsync(admin)).State);
        await AssertRefusedAsync(admin, "hubs/collaboration/negotiate?negotiateVersion=1", HttpMethod.Post);
        await AssertRefusedAsync(admin, $"api/runs/{run}/collaboration/stream", HttpMethod.Get);
        await AssertRefusedAsync(admin, $"api/runs/{run}/collaboration/poll?waitSeconds=30", HttpMethod.Get);
        Assert.Equal(HttpStatusCode.OK, (await admin.PollAsync(run)).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(server, "late"))).StatusCode);
        await WithOneThatIsLeftAsync(all, async client =>
        {
            Assert.Equal(CollabErrorCode.Unavailable, await HubClient.RefusalOf(client.JoinAsync(Guid.NewGuid())));
            Assert.Equal(0, (await client.JoinAsync(run)).LastSequence);
            Assert.Equal(1, (await client.GraftAsync(run)).SequenceNumber);
        });
        await SendAsync(admin, HttpMethod.Delete);
        await using var back = await ConnectAsync(server, "back");
        Assert.Equal(1, (await back.JoinAsync(run)).LastSequence);
        foreach (var gone in all.Where(client => client.Closed.IsCompleted))
            Assert.Contains("[shutdown] ", (await gone.Closed)!.Message, StringComparison.Ordinal);
        foreach (var client in all) await client.DisposeAsync();
    }

    [Fact]
    public async Task Streams_end_with_the_same_reason_polls_that_wait_are_answered_and_nobody_is_seen_to_leave()
    {
        await using var server = await StartAsync(delay: 0, over: 0);
        using var admin = Admin(server);
        var run = Guid.NewGuid();
        using var alice = new ApiClient(server.BaseAddress, TestTokens.Create("alice"));
        await using var bob = await ConnectAsync(server, "bob");
        await bob.JoinAsync(run);
        using var carol = new ApiClient(server.BaseAddress, TestTokens.Create("carol"));
        await using var stream = alice.StreamAsync(run).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        // The news of who has just come would answer the next poll.
        await carol.PollAsync(run, waitSeconds: 1);
        var poll = carol.PollAsync(run, waitSeconds: 30);
        await Eventually.TrueAsync(async () => (await StatusAsync(admin)).Open == 3);

        await SendAsync(admin, HttpMethod.Post);

        Assert.Equal(HttpStatusCode.OK, (await poll.WaitAsync(Patience.Default)).Status);
        Assert.Contains("[shutdown] ", (await bob.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        Assert.Equal(["alice", "bob", "carol"], (await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.ActiveUsers);
        var last = stream.Current;
        while (await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default)) last = stream.Current;
        Assert.Equal(("end", "shutdown"), (last.Type, JsonElement.Parse(last.Data).GetProperty("code").GetString()));
        Assert.True(JsonElement.Parse(last.Data).GetProperty("allowReconnect").GetBoolean());
        await Eventually.TrueAsync(async () => (await StatusAsync(admin)) is { State: DrainState.Drained, Told: 3, Open: 0, EndsAt: null });
    }

    [Fact]
    public async Task A_stop_waits_for_a_drain_and_a_server_without_connections_does_not()
    {
        await using var server = await StartAsync(delay: 1, over: 1);
        await using var alice = await ConnectAsync(server, "alice");
        await alice.JoinAsync(Guid.NewGuid());

        Assert.Equal(0, await server.StopAsync());

        Assert.Contains("[shutdown] ", (await alice.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        Assert.Contains("Draining: not ready from now on. In 1 s 1 connections", server.Log, StringComparison.Ordinal);
        Assert.Matches("Drained: 1 connections, streams and waiting polls were told to go, after [1-9]", server.Log);
        await server.StartAgainAsync();
        Assert.Equal(0, await server.StopAsync());
        Assert.Matches("Drained: 0 connections, streams and waiting polls were told to go, after 0[.,]", server.Log);
    }

    [Fact]
    public async Task Who_stops_the_server_cannot_take_it_back()
    {
        await using var server = await StartAsync(delay: 600, over: 600);
        using var admin = Admin(server);
        await using var alice = await ConnectAsync(server, "alice");
        server.Send(Signal.Terminate);
        await Eventually.TrueAsync(async () => (await StatusAsync(admin)).IsStopping);

        var refused = await admin.SendAsync(HttpMethod.Delete, Drain);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        // Half a minute is what the host has, so it is not what was configured.
        var status = await StatusAsync(admin);
        Assert.InRange(status.EndsAt!.Value - status.StartedAt!.Value, 1000, 26_000);
        Assert.Contains("its HostOptions.ShutdownTimeout. To let go of connections over 1200 s", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_administrators_drain_a_server()
    {
        await using var server = await StartAsync(delay: 600, over: 600);
        using var user = new ApiClient(server.BaseAddress, TestTokens.Create("alice"));
        using var nobody = new ApiClient(server.BaseAddress, token: null);

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
        {
            Assert.Equal(CollabErrorCode.Forbidden, (await user.SendAsync(method, Drain)).Code);
            Assert.Equal(CollabErrorCode.Unauthorized, (await nobody.SendAsync(method, Drain)).Code);
        }
        using var admin = Admin(server);
        Assert.Equal(new(DrainState.Serving, false, 0, 0, 0, null, null), await StatusAsync(admin));
        Assert.Equal("serving", (await admin.GetAsync(Drain)).Json.GetProperty("state").GetString());
    }

    private static Task<ServerProcess> StartAsync(int delay, int over) => ServerProcess.StartAsync(new()
    {
        Configuration = new Dictionary<string, string?>
        {
            ["Collab:Drain:DelaySeconds"] = string.Create(null, $"{delay}"),
            ["Collab:Drain:OverSeconds"] = string.Create(null, $"{over}"),
        },
    });

    private static ApiClient Admin(ServerProcess server) => new(server.BaseAddress, TestTokens.Create("admin", admin: true));

    private static Task<HubClient> ConnectAsync(ServerProcess server, string user) => HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create(user));

    private static async Task<DrainStatus> SendAsync(ApiClient admin, HttpMethod method) => new ApiResponse<DrainStatus>(await admin.SendAsync(method, Drain)).Value;

    private static async Task<DrainStatus> StatusAsync(ApiClient admin) => (await admin.GetAsync<DrainStatus>(Drain)).Value;

    /// <summary>Does something with a connection that has not been told to go, and does not go meanwhile.</summary>
    private static async Task WithOneThatIsLeftAsync(HubClient[] all, Func<HubClient, Task> act)
    {
        foreach (var client in all)
        {
            try
            {
                if (client.Closed.IsCompleted) continue;
                await act(client);
                return;
            }
            catch (Exception) when (client.Closed.IsCompleted)
            {
                // It was this one's turn.
            }
        }
        Assert.Fail("None was left.");
    }

    private static async Task AssertRefusedAsync(ApiClient api, string path, HttpMethod method)
    {
        var refused = await api.SendAsync(method, path);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, CollabErrorCode.Unavailable), (refused.Status, refused.Code));
        Assert.Equal("shutdown", refused.Json.GetProperty("ending").GetString());
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.True(refused.Headers.ConnectionClose);
    }

    private static async Task AssertReadinessAsync(ApiClient api, HttpStatusCode status, string word, string checks)
    {
        var ready = await api.GetAsync("health/ready");
        Assert.Equal((status, $$"""{"status":"{{word}}","checks":{{checks}}}"""), (ready.Status, ready.Body));
    }
}
