using System.Net;
using System.Net.WebSockets;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>No access without a right to it (P7): by hub, stream and every endpoint, whatever is wrong with the token.</summary>
public sealed class AccessTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Graft = """{"eventType":"GRAFT","data":{"after":"A","agentName":"x"}}""";

    private static readonly Guid Run = Guid.NewGuid();

    public static TheoryData<string> BadTokens() => new(
        "",
        "not-a-token",
        "a.b.c",
        TestTokens.WithoutSignature("mallory"),
        TestTokens.Tampered("mallory"),
        TestTokens.Create("mallory", key: "another-key-that-is-long-enough-for-hs256"),
        TestTokens.Create("mallory", algorithm: "HS512"),
        TestTokens.Create("mallory", expires: TimeProvider.System.GetUtcNow().AddMinutes(-1)));

    public static TheoryData<string, string> Endpoints() => new()
    {
        { "GET", $"api/runs/{Run}/collaboration/poll" },
        { "GET", $"api/runs/{Run}/collaboration/replay" },
        { "GET", $"api/runs/{Run}/collaboration/state" },
        { "GET", $"api/runs/{Run}/collaboration/stream" },
        { "POST", $"api/runs/{Run}/collaboration/events" },
        { "DELETE", $"api/runs/{Run}" },
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task A_bad_token_opens_nothing(string token)
    {
        foreach (var endpoint in Endpoints())
        {
            var answer = await RawHttp.SendAsync(server.Address, new((string)endpoint[0]), (string)endpoint[1], token, endpoint[0] is "POST" ? Graft : null);
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, answer);
            Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        }
        RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.Address, HttpMethod.Get, "api/runs", token));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => HubClient.ConnectAsync(server.Address, token));
        Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_token_for_another_run_opens_nothing_of_this_one()
    {
        var token = TestTokens.Create("mallory", [$"{Guid.NewGuid()}:write", "*:nonsense", $"{Run}", ":write", $"{Run}:", $"{Run:N}:write"]);
        foreach (var endpoint in Endpoints())
        {
            var answer = await RawHttp.SendAsync(server.Address, new((string)endpoint[0]), (string)endpoint[1], token, endpoint[0] is "POST" ? Graft : null);
            RawHttp.AssertRefused(CollabErrorCode.Forbidden, answer);
        }
        await using var hub = await HubClient.ConnectAsync(server.Address, token);
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(hub.JoinAsync(Run)));
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(hub.GraftAsync(Run)));
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(hub.PublishAsync(Run, EventTypes.CursorMove, new { nodeId = "A" })));
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_publishes_nothing_but_a_cursor()
    {
        var run = Guid.NewGuid();
        await using var viewer = await server.ConnectAsync("viewer", $"{run}:read");
        using var api = server.Api("viewer", $"{run}:read");
        await viewer.JoinAsync(run);

        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(viewer.GraftAsync(run)));
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(viewer.PublishAsync(run, "TYPING", new { })));
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" }));
        await viewer.MoveCursorAsync(run, "ARCHITECT");

        Assert.Equal("ARCHITECT", (await api.PollAsync(run)).Value.CursorPositions["viewer"]);
        Assert.Empty((await api.ReplayAsync(run)).Value.Events);
    }

    [Fact]
    public async Task Only_an_admin_erases_a_run()
    {
        var run = Guid.NewGuid();
        using var writer = server.Api("writer");
        using var admin = server.AdminApi();
        await writer.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });

        RawHttp.AssertRefused(CollabErrorCode.Forbidden, await writer.EraseAsync(run));
        Assert.Single((await writer.ReplayAsync(run)).Value.Events);
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await admin.SendAsync(HttpMethod.Delete, "api/runs/not-a-guid"));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.EraseAsync(run)).Status);
    }

    [Fact]
    public async Task A_token_in_the_address_works_on_hub_and_stream_only()
    {
        var token = TestTokens.Create("alice");
        using var hub = await HubWire.ConnectAsync(server.Address, token);
        var stream = await RawHttp.SendAsync(server.Address, HttpMethod.Get, $"api/runs/{Run}/collaboration/stream?access_token={token}", null);
        Assert.Equal(HttpStatusCode.OK, stream.Status);

        foreach (var path in (string[])[$"api/runs/{Run}/collaboration/poll", $"api/runs/{Run}/collaboration/replay", $"api/runs/{Run}/collaboration/state", "api/runs"])
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.Address, HttpMethod.Get, $"{path}?access_token={token}", null));
        RawHttp.AssertRefused(
            CollabErrorCode.Unauthorized,
            await RawHttp.SendAsync(server.Address, HttpMethod.Post, $"api/runs/{Run}/collaboration/events?access_token={token}", null, Graft));
        Assert.DoesNotContain(server.Process.Output.All, line => line.Contains(token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("257")]
    public async Task A_token_without_a_usable_user_opens_nothing(string user)
    {
        var token = TestTokens.Create(user == "257" ? new string('u', 257) : user);

        RawHttp.AssertRefused(
            CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.Address, HttpMethod.Get, $"api/runs/{Run}/collaboration/poll", token));
        RawHttp.AssertRefused(
            CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.Address, HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", token));
        var socket = await Assert.ThrowsAsync<WebSocketException>(() => HubWire.ConnectAsync(server.Address, token));
        Assert.Contains("401", socket.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_and_the_API_document_need_no_token()
    {
        foreach (var path in (string[])["health/live", "health/ready", "openapi/v1.json"])
            Assert.Equal(HttpStatusCode.OK, (await RawHttp.SendAsync(server.Address, HttpMethod.Get, path, token: null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await RawHttp.SendAsync(server.Address, HttpMethod.Get, "dev/token?user=alice", token: null)).Status);
    }
}
