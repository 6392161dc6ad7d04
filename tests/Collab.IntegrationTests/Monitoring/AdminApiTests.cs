using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Monitoring;

/// <summary>The administrators' API: for nobody else, and each answer as the contract says.</summary>
public sealed class AdminApiTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Root = "api/admin/websocket";

    public static TheoryData<string, string> Routes => new()
    {
        { "GET", "connections" },
        { "GET", "connections/550e8400-e29b-41d4-a716-446655440000" },
        { "DELETE", "connections/some-session" },
        { "DELETE", "users/some-user" },
        { "GET", "metrics" },
        { "GET", "metrics/some-session" },
        { "GET", "flights/some-trace" },
        { "GET", "health" },
        { "GET", "history" },
        { "POST", "cleanup-stale" },
        { "POST", "cleanup-stale?maxAgeMs=0" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nobody_but_an_administrator_gets_an_answer(string method, string path)
    {
        var request = (HttpMethod.Parse(method), $"{Root}/{path}");
        foreach (var token in (string?[])[null, "nonsense", TestTokens.WithoutSignature("alice"), TestTokens.Tampered("alice"), TestTokens.Create("alice", admin: true, expires: DateTimeOffset.UtcNow.AddHours(-1))])
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.Address, request.Item1, request.Item2, token));
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, await RawHttp.SendAsync(server.Address, request.Item1, request.Item2, TestTokens.Create("alice")));

        using var admin = server.AdminApi();
        Assert.NotInRange((int)(await admin.SendAsync(request.Item1, request.Item2)).Status, 401, 403);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_API_document_describes_every_route(string method, string path)
    {
        using var api = new ApiClient(server.Address, token: null);
        var route = path.Split('?')[0].Replace("550e8400-e29b-41d4-a716-446655440000", "{runId}", StringComparison.Ordinal).Replace("some-session", "{sessionId}", StringComparison.Ordinal)
            .Replace("some-user", "{userId}", StringComparison.Ordinal).Replace("some-trace", "{traceId}", StringComparison.Ordinal);

        // In OpenAPI two paths that differ by the name of a parameter alone are the same path.
        if (route.StartsWith("connections/", StringComparison.Ordinal)) route = "connections/{id}";
        var operation = (await api.GetAsync("openapi/v1.json")).Json.GetProperty("paths").GetProperty($"/{Root}/{route}").GetProperty(method.ToLowerInvariant());

        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        var responses = operation.GetProperty("responses");
        foreach (var status in (string[])["401", "403"]) Assert.True(responses.TryGetProperty(status, out _), $"{status} of {method} {route}");
        if (route == "connections/{id}" && method == "DELETE") Assert.True(responses.TryGetProperty("204", out _) && responses.TryGetProperty("404", out _));
        else Assert.True(responses.GetProperty("200").GetProperty("content").GetProperty("application/json").TryGetProperty("schema", out _));
    }

    [Fact]
    public async Task A_run_shows_who_is_connected_to_it_and_who_is_there()
    {
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync(run);
        await bob.JoinAsync(other);
        await bob.JoinAsync(run);
        using var polling = server.Api("carol");
        await polling.PollAsync(run, waitSeconds: 0);
        using var admin = server.AdminApi();

        var shown = (await admin.GetAsync<RunConnections>($"{Root}/connections/{run}")).Value;

        Assert.Equal((run, 2), (shown.RunId, shown.ConnectionCount));
        Assert.Equal(["alice", "bob"], shown.Connections.Select(c => c.UserId));
        Assert.Equal(["alice", "bob", "carol"], shown.ActiveUsers);
        Assert.All(shown.Connections, c => Assert.InRange(c.ConnectedAt, 1_000_000_000_000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        var second = (await admin.GetAsync<RunConnections>($"{Root}/connections/{run}?offset=1&limit=1")).Value;
        Assert.Equal((2, "bob"), (second.ConnectionCount, Assert.Single(second.Connections).UserId));

        var overview = (await admin.GetAsync<ConnectionOverview>($"{Root}/connections")).Value;
        Assert.Equal((2, 1), (overview.ConnectionsByRun[run], overview.ConnectionsByRun[other]));
        Assert.Equal([run], (await admin.GetAsync<ConnectionOverview>($"{Root}/connections?limit=1")).Value.ConnectionsByRun.Keys);
        var metrics = (await admin.GetAsync<ConnectionMetrics>($"{Root}/metrics/{shown.Connections[1].SessionId}")).Value;
        Assert.Equal(("bob", run), (metrics.UserId, metrics.RunId));
        Assert.Equal([other, run], metrics.RunIds);

        await bob.InvokeAsync("LeaveRun", run);
        Assert.Equal(1, (await admin.GetAsync<RunConnections>($"{Root}/connections/{run}")).Value.ConnectionCount);
        Assert.Equal(0, (await admin.GetAsync<RunConnections>($"{Root}/connections/{Guid.NewGuid()}")).Value.ConnectionCount);
    }

    [Fact]
    public async Task A_connection_can_be_ended_and_comes_back()
    {
        var run = Guid.NewGuid();
        await using var alice = await HubClient.ConnectAsync(server.Address, TestTokens.Create("alice"), "tab-1");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync(run);
        await bob.JoinAsync(run);
        using var admin = server.AdminApi();
        var session = (await admin.GetAsync<RunConnections>($"{Root}/connections/{run}")).Value.Connections.Single(c => c.UserId == "alice").SessionId;

        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync(HttpMethod.Delete, $"{Root}/connections/{session}")).Status);

        await alice.Closed.WaitAsync(Patience.Default);
        await bob.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.UserLeave, UserId: "alice" }));
        await Eventually.TrueAsync(async () => (await MetricsAsync(admin, session)).DisconnectedAt is not null);
        RawHttp.AssertProblem(HttpStatusCode.NotFound, await admin.SendAsync(HttpMethod.Delete, $"{Root}/connections/{session}"));
        await using var again = await HubClient.ConnectAsync(server.Address, TestTokens.Create("alice"), "tab-1");
        await again.JoinAsync(run);
        var back = (await admin.GetAsync<RunConnections>($"{Root}/connections/{run}")).Value.Connections.Single(c => c.UserId == "alice");
        Assert.Equal(1, (await MetricsAsync(admin, back.SessionId)).ReconnectionCount);
    }

    [Fact]
    public async Task Ended_connections_are_listed_after_open_ones_page_by_page_until_they_are_cleaned_up()
    {
        var run = Guid.NewGuid();
        await using var open = await server.ConnectAsync("open");
        await open.JoinAsync(run);
        var ended = await server.ConnectAsync("ended");
        await ended.JoinAsync(run);
        await ended.DisposeAsync();
        using var admin = server.AdminApi();
        await Eventually.TrueAsync(async () => (await AllAsync(admin)).Any(m => m is { UserId: "ended", DisconnectedAt: not null }));

        var all = await AllAsync(admin);
        Assert.Equal(all.OrderBy(m => m.DisconnectedAt is not null).Select(m => m.SessionId), all.Select(m => m.SessionId));
        var paged = new List<ConnectionMetrics>();
        for (var offset = 0; offset < all.Count; offset++)
        {
            var page = await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>($"{Root}/metrics?limit=1&offset={offset}");
            Assert.Equal([$"{all.Count}"], page.Headers.GetValues("X-Total-Count"));
            paged.AddRange(page.Value);
        }
        Assert.Equal(all.Select(m => m.SessionId), paged.Select(m => m.SessionId));

        Assert.Equal(0, (await CleanUpAsync(admin, "")).Removed);
        Assert.True((await CleanUpAsync(admin, "?maxAgeMs=0")).Removed >= 1);
        Assert.DoesNotContain(await AllAsync(admin), m => m.DisconnectedAt is not null);
        Assert.Contains(await AllAsync(admin), m => m.UserId == "open");
    }

    [Theory]
    [InlineData("POST", "cleanup-stale?maxAgeMs=-1")]
    [InlineData("POST", "cleanup-stale?maxAgeMs=99999999999999")]
    [InlineData("POST", "cleanup-stale?maxAgeMs=99999999999999999999999")]
    [InlineData("POST", "cleanup-stale?maxAgeMs=soon")]
    [InlineData("GET", "metrics?limit=0")]
    [InlineData("GET", "metrics?limit=10001")]
    [InlineData("GET", "metrics?offset=-1")]
    [InlineData("GET", "metrics?limit=x")]
    [InlineData("GET", "connections?limit=0")]
    [InlineData("GET", "connections/not-a-run")]
    [InlineData("GET", "connections/550e8400-e29b-41d4-a716-446655440000?limit=-1")]
    public async Task A_bad_parameter_is_refused(string method, string path)
    {
        using var admin = server.AdminApi();

        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await admin.SendAsync(HttpMethod.Parse(method), $"{Root}/{path}"));
    }

    [Theory]
    [InlineData("metrics/nobody")]
    [InlineData("metrics/..%2f..%2fetc")]
    [InlineData("metrics/%20")]
    public async Task An_unknown_session_is_not_found(string path)
    {
        using var admin = server.AdminApi();

        RawHttp.AssertProblem(HttpStatusCode.NotFound, await admin.GetAsync($"{Root}/{path}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("'; DROP TABLE collaboration_runs; --")]
    [InlineData("\"}\n# EOF\n")]
    [InlineData("65")]
    [InlineData("60000")]
    public async Task A_client_id_that_cannot_be_one_is_as_good_as_none(string given)
    {
        var clientId = int.TryParse(given, out var length) ? new string('x', length) : given;
        var (run, user) = (Guid.NewGuid(), $"user-{Guid.NewGuid():N}");
        if (clientId.Length > 8000)
        {
            // Longer than the server takes an address to be.
            await Assert.ThrowsAsync<HttpRequestException>(() => HubClient.ConnectAsync(server.Address, TestTokens.Create(user), clientId));
            return;
        }
        for (var n = 0; n < 2; n++)
        {
            await using var client = await HubClient.ConnectAsync(server.Address, TestTokens.Create(user), clientId);
            await client.JoinAsync(run);
            await client.GraftAsync(run);
        }
        using var admin = server.AdminApi();

        Assert.All((await AllAsync(admin)).Where(m => m.UserId == user), m => Assert.Equal(0, m.ReconnectionCount));
        server.AssertNoComplaint();
    }

    private static async Task<IReadOnlyList<ConnectionMetrics>> AllAsync(ApiClient admin) => (await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>($"{Root}/metrics")).Value;

    private static async Task<ConnectionMetrics> MetricsAsync(ApiClient admin, string session) => (await admin.GetAsync<ConnectionMetrics>($"{Root}/metrics/{session}")).Value;

    private static async Task<CleanupResult> CleanUpAsync(ApiClient admin, string query) =>
        new ApiResponse<CleanupResult>(await admin.SendAsync(HttpMethod.Post, $"{Root}/cleanup-stale{query}")).Value;
}
