using System.Diagnostics;
using System.Net;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Cluster;

/// <summary>Administrators see and do the same whichever server they ask, with each bus; and learn which server is missing.</summary>
public sealed class ClusterAdminTests(PostgresFixture postgres) : ServerPairTests(postgres)
{
    private const string Root = "api/admin/websocket";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_answer_is_of_both_servers_or_of_the_one_that_is_asked(bool redis)
    {
        await using var pair = await StartMetAsync(redis);
        var run = Guid.NewGuid();
        await using var ana = await pair.One.ConnectAsync("ana");
        await using var ben = await pair.Two.ConnectAsync("ben");
        await ana.JoinAsync(run);
        await ben.JoinAsync(run);
        using var api = pair.One.Api();

        foreach (var (query, servers, users) in ((string, int, string[])[])[("", 2, ["ana", "ben"]), ("?local=true", 1, ["ana"])])
        {
            var overview = (await api.GetAsync<ConnectionOverview>($"{Root}/connections{query}")).Value;
            Assert.Equal((1, users.Length, users.Length, servers), (overview.TotalRuns, overview.TotalConnections, overview.ConnectionsByRun[run], overview.Servers));
            var joined = (await api.GetAsync<RunConnections>($"{Root}/connections/{run}{query}")).Value;
            Assert.Equal((users.Length, servers, false), (joined.ConnectionCount, joined.Servers, joined.IsCut));
            Assert.Equal(users, joined.Connections.Select(c => c.UserId));
            Assert.Equal(users.Length, joined.Connections.Select(c => c.Server).Distinct().Count());
            Assert.Equal(["ana", "ben"], joined.ActiveUsers);
            var metrics = await api.GetAsync<IReadOnlyList<ConnectionMetrics>>($"{Root}/metrics{query}");
            Assert.Equal(users, metrics.Value.Select(m => m.UserId).Order());
            Assert.Equal([$"{users.Length}"], metrics.Headers.GetValues("X-Total-Count"));
            Assert.Equal([$"{servers}"], metrics.Headers.GetValues("X-Servers"));
            Assert.False(metrics.Headers.Contains("X-Missing"));
            var health = (await api.GetAsync<ConnectionsHealth>($"{Root}/health{query}")).Value;
            Assert.Equal((users.Length, servers), (health.TotalConnections, health.Servers));
            var history = (await api.GetAsync<ConnectionHistory>($"{Root}/history{query}")).Value;
            Assert.Equal((servers, 0), (history.Servers, history.Missing.Count));
            var status = (await api.GetAsync<ClusterStatus>($"api/admin/servers{query}")).Value;
            Assert.Equal((redis ? "redis" : "postgres", true, servers), (status.Bus, status.IsBusConnected, status.Servers));
            Assert.Equal((servers, 1, users.Length), (status.Members.Count, status.Members.Count(m => m.IsSelf), status.Members.Sum(m => m.Connections)));
            Assert.All(status.Members, m => Assert.True(m is { HasAnswered: true, Runs: 1, State: DrainState.Serving, HeardAgoMs: 0 }));
            Assert.All((IReadOnlyList<string>[])[overview.Missing, joined.Missing, health.Missing, status.Missing], Assert.Empty);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_became_of_a_client_is_told_from_server_to_server(bool redis)
    {
        await using var pair = await StartMetAsync(redis);
        var (run, trace) = (Guid.NewGuid(), $"tab-{Guid.NewGuid():N}");
        using var api = pair.One.Api();
        foreach (var server in (ServerUnderTest[])[pair.One, pair.Two])
        {
            await using var client = await HubClient.ConnectAsync(server.Process.BaseAddress, TestTokens.Create("ana"), trace);
            await client.JoinAsync(run);
        }
        await Eventually.TrueAsync(
            async () => (await api.GetAsync<FlightRecord>($"{Root}/flights/{trace}")).Value.Entries.Count(e => e.Step == FlightStep.Closed) == 2);

        var flight = (await api.GetAsync<FlightRecord>($"{Root}/flights/{trace}")).Value;
        var local = (await api.GetAsync<FlightRecord>($"{Root}/flights/{trace}?local=true")).Value;

        Assert.Equal((2, 6, 2), (flight.Servers, flight.Entries.Count, flight.Entries.Select(e => e.Server).Distinct().Count()));
        Assert.Equal((1, 3), (local.Servers, local.Entries.Count));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"{Root}/flights/unknown")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_of_the_other_server_are_found_ended_and_forgotten(bool redis)
    {
        await using var pair = await StartMetAsync(redis);
        var run = Guid.NewGuid();
        await using var here = await pair.One.ConnectAsync("ana");
        await using var there = await pair.Two.ConnectAsync("ana");
        await using var ben = await pair.Two.ConnectAsync("ben");
        await ben.JoinAsync(run);
        using var api = pair.One.Api();
        using var other = pair.Two.Api();
        var session = Assert.Single((await api.GetAsync<RunConnections>($"{Root}/connections/{run}")).Value.Connections).SessionId;

        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"{Root}/metrics/{session}?local=true")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, $"{Root}/connections/{session}?local=true")).Status);
        Assert.Equal("ben", (await api.GetAsync<ConnectionMetrics>($"{Root}/metrics/{session}")).Value.UserId);
        Assert.Equal(HttpStatusCode.NoContent, (await api.SendAsync(HttpMethod.Delete, $"{Root}/connections/{session}")).Status);
        Assert.Contains("[kicked]", (await ben.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, $"{Root}/connections/{session}")).Status);

        var local = new ApiResponse<UserDisconnected>(await api.SendAsync(HttpMethod.Delete, $"{Root}/users/ana?local=true")).Value;
        await here.Closed.WaitAsync(Patience.Default);
        var ended = new ApiResponse<UserDisconnected>(await api.SendAsync(HttpMethod.Delete, $"{Root}/users/ana")).Value;
        Assert.Equal((1, 1), (local.Ended, local.Servers));
        Assert.Equal((1, 2), (ended.Ended, ended.Servers));
        Assert.Contains("[kicked]", (await there.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);

        await Eventually.TrueAsync(async () => (await other.GetAsync<ConnectionsHealth>($"{Root}/health")).Value.TotalConnections == 0);
        var cleaned = new ApiResponse<CleanupResult>(await api.SendAsync(HttpMethod.Post, $"{Root}/cleanup-stale?maxAgeMs=0&local=true")).Value;
        var all = new ApiResponse<CleanupResult>(await api.SendAsync(HttpMethod.Post, $"{Root}/cleanup-stale?maxAgeMs=0")).Value;
        Assert.Equal((1, 1, 2, 2), (cleaned.Removed, cleaned.Servers, all.Removed, all.Servers));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_frozen_is_named_within_about_a_second(bool redis)
    {
        await using var pair = await StartMetAsync(redis);
        await using var ana = await pair.One.ConnectAsync("ana");
        await using var ben = await pair.Two.ConnectAsync("ben");
        using var api = pair.One.Api();
        var frozen = (await api.GetAsync<ClusterStatus>("api/admin/servers")).Value.Members.Single(m => !m.IsSelf).Name;
        pair.Two.Process.Send(Signal.Stop);

        // All at once, for after six seconds it is taken for dead.
        var began = Stopwatch.GetTimestamp();
        var overview = api.GetAsync<ConnectionOverview>($"{Root}/connections");
        var joined = api.GetAsync<RunConnections>($"{Root}/connections/{Guid.NewGuid()}");
        var metrics = api.GetAsync<IReadOnlyList<ConnectionMetrics>>($"{Root}/metrics");
        var health = api.GetAsync<ConnectionsHealth>($"{Root}/health");
        var servers = api.GetAsync<ClusterStatus>("api/admin/servers");
        var ended = api.SendAsync(HttpMethod.Delete, $"{Root}/users/nobody");
        var cleaned = api.SendAsync(HttpMethod.Post, $"{Root}/cleanup-stale");
        var session = api.SendAsync(HttpMethod.Delete, $"{Root}/connections/nowhere");
        await Task.WhenAll(overview, joined, metrics, health, servers, ended, cleaned, session);
        var took = Stopwatch.GetElapsedTime(began);
        var local = (await api.GetAsync<ConnectionsHealth>($"{Root}/health?local=true")).Value;

        IReadOnlyList<IReadOnlyList<string>> missing =
        [
            (await overview).Value.Missing, (await joined).Value.Missing, [.. (await metrics).Headers.GetValues("X-Missing")], (await health).Value.Missing,
            (await servers).Value.Missing, new ApiResponse<UserDisconnected>(await ended).Value.Missing, new ApiResponse<CleanupResult>(await cleaned).Value.Missing,
        ];
        Assert.All(missing, names => Assert.Equal([frozen], names));
        Assert.Equal((1, 2), ((await overview).Value.TotalConnections, (await overview).Value.Servers));
        Assert.True((await servers).Value.Members.Single(m => !m.IsSelf) is { HasAnswered: false, HeardAgoMs: > 0 });
        RawHttp.AssertRefused(CollabErrorCode.Unavailable, await session);
        Assert.Equal((1, 0), (local.Servers, local.Missing.Count));
        Assert.True(took < Patience.Default, $"It took {took}.");

        pair.Two.Process.Send(Signal.Continue);
        await Eventually.TrueAsync(async () => (await api.GetAsync<ConnectionsHealth>($"{Root}/health")).Value is { Servers: 2, Missing: [], TotalConnections: 2 });
    }

    [Fact]
    public async Task A_server_that_is_killed_is_gone_from_the_list()
    {
        await using var pair = await StartAsync(redis: false);
        using var api = pair.One.Api();

        await pair.Two.Process.KillAsync();

        await Eventually.TrueAsync(async () => (await api.GetAsync<ClusterStatus>("api/admin/servers")).Value is { Servers: 1, Missing: [], Members: [{ IsSelf: true }] });
    }

    /// <summary>Two and two make four, of four that are allowed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_users_connections_are_limited_over_both_servers(bool redis)
    {
        await using var pair = await StartAsync(redis, new KeyValuePair<string, string?>("Collab:Limits:ConnectionsPerUser", "4"));
        await pair.MeetAsync();
        var here = await pair.One.ConnectManyAsync(2, "ana");
        var there = await pair.Two.ConnectManyAsync(2, "ana");

        foreach (var server in (ServerUnderTest[])[pair.One, pair.Two]) await Eventually.TrueAsync(async () => !await IsLetInAsync(server));

        Assert.True(await IsLetInAsync(pair.One, "ben"));
        await here[0].DisposeAsync();
        await Eventually.TrueAsync(() => IsLetInAsync(pair.Two));
        await pair.One.Process.KillAsync();
        await there[0].DisposeAsync();
        await Eventually.TrueAsync(async () => await IsLetInAsync(pair.Two) && await IsLetInAsync(pair.Two));
        foreach (var client in (HubClient[])[.. here, .. there]) await client.DisposeAsync();

        static async Task<bool> IsLetInAsync(ServerUnderTest server, string user = "ana")
        {
            await using var client = await server.ConnectAsync(user);
            return await Record.ExceptionAsync(() => client.PingAsync()) is null;
        }
    }

    private async Task<ServerPair> StartMetAsync(bool redis)
    {
        var pair = await StartAsync(redis);
        await pair.MeetAsync();
        return pair;
    }
}
