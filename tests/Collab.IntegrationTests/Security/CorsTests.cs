using System.Net;
using System.Net.WebSockets;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Pages of other origins may call only if they are configured. WebSockets know no CORS, so the hub looks at the origin itself.</summary>
public sealed class CorsTests
{
    private const string Page = "https://app.example";

    [Theory]
    [InlineData(null, Page, false)]
    [InlineData(null, "null", false)]
    [InlineData("https://other.example,https://app.example", Page, true)]
    [InlineData("https://other.example", Page, false)]
    [InlineData("https://app.example", "https://app.example.evil.example", false)]
    [InlineData("https://app.example", "http://app.example", false)]
    [InlineData("https://app.example/", Page, true)]
    [InlineData("HTTPS://App.Example:443", Page, true)]
    public async Task Only_a_configured_origin_may_call(string? configured, string origin, bool allowed)
    {
        await using var server = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Cors:Origins"] = configured },
        });
        var token = TestTokens.Create("alice");
        var path = $"api/runs/{Guid.NewGuid()}/collaboration/poll";

        var preflight = await RawHttp.SendAsync(
            server.BaseAddress, HttpMethod.Options, path, null, null,
            ("Origin", origin), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization"));
        var call = await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, path, token, null, ("Origin", origin));
        var negotiation = await RawHttp.SendAsync(
            server.BaseAddress, HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", token, "", ("Origin", origin));

        Assert.Equal(allowed, AllowedOrigin(preflight) == origin);
        Assert.Equal(allowed, AllowedOrigin(call) == origin);
        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, negotiation.Status);
        Assert.Equal(allowed, await CanOpenSocketAsync(server.BaseAddress, origin, token));
        if (allowed) Assert.Contains("X-Total-Count", call.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
        if (!allowed) Assert.All([preflight, call, negotiation], a => Assert.Null(AllowedOrigin(a)));
    }

    [Fact]
    public async Task The_servers_own_pages_may_call_the_hub()
    {
        await using var server = await ServerProcess.StartAsync();

        Assert.True(await CanOpenSocketAsync(server.BaseAddress, server.BaseAddress.GetLeftPart(UriPartial.Authority), TestTokens.Create("alice")));
    }

    /// <summary>However a proxy, or a person, writes the host: it is compared by value.</summary>
    [Theory]
    [InlineData("app.example", "https://app.example", true)]
    [InlineData("app.example", "http://app.example", true)]
    [InlineData("App.Example:443", "https://app.example", true)]
    [InlineData("app.example:80", "http://app.example", true)]
    [InlineData("app.example:8443", "https://app.example:8443", true)]
    [InlineData("app.example", "https://app.example:8443", false)]
    [InlineData("app.example:8443", "https://app.example", false)]
    [InlineData("app.example", "https://app.example.evil.example", false)]
    [InlineData("app.example", "https://evil.example", false)]
    [InlineData("app.example", "null", false)]
    public async Task The_servers_own_host_is_known_by_value(string host, string origin, bool allowed)
    {
        await using var server = await ServerProcess.StartAsync();

        for (var i = 0; i < 2; i++)
        {
            var negotiation = await RawHttp.SendAsync(
                server.BaseAddress, HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", TestTokens.Create("alice"), "", ("Host", host), ("Origin", origin));
            Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, negotiation.Status);
        }
        await server.StopAsync();
        Assert.Equal(allowed ? 0 : 1, server.Output.All.Count(line => line.Contains($"A page of {origin} was refused", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Headers_of_a_proxy_that_nobody_told_it_of_are_not_believed()
    {
        await using var server = await ServerProcess.StartAsync();

        var negotiation = await RawHttp.SendAsync(
            server.BaseAddress, HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", TestTokens.Create("alice"), "",
            ("Origin", "https://evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"));

        RawHttp.AssertRefused(CollabErrorCode.Forbidden, negotiation);
    }

    [Fact]
    public async Task A_refused_origin_cannot_steer_the_terminal_that_shows_the_log()
    {
        await using var server = await ServerProcess.StartAsync();

        var negotiation = await RawHttp.SendAsync(
            server.BaseAddress, HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", TestTokens.Create("alice"), "",
            ("Origin", "http://\u001b[2Jevil.example"));

        RawHttp.AssertRefused(CollabErrorCode.Forbidden, negotiation);
        await server.Output.WaitForAsync(lines => lines.Any(l => l.Contains("A page of http://?[2Jevil.example was refused", StringComparison.Ordinal)));
    }

    private static string? AllowedOrigin(ApiResponse answer) =>
        answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;

    private static async Task<bool> CanOpenSocketAsync(Uri server, string origin, string token)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.CollectHttpResponseDetails = true;
        var hub = new UriBuilder(HubClient.HubOf(server)) { Scheme = "ws", Query = $"access_token={token}" }.Uri;
        try
        {
            await socket.ConnectAsync(hub, CancellationToken.None).WaitAsync(Patience.Default);
            return true;
        }
        catch (WebSocketException)
        {
            Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
            return false;
        }
    }
}
