using System.Net;
using System.Net.WebSockets;
using System.Text;
using Collab.AspNetCore;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>Users of an application with cookie sign-in reach hub, HTTP and stream without a token; pages of other sites do not do so in their name.</summary>
public sealed class CookieSignInTests
{
    private const string Graft = """{ "eventType": "GRAFT", "data": { "after": "A", "agentName": "x" } }""";

    [Fact]
    public async Task The_applications_own_page_reaches_hub_HTTP_and_stream()
    {
        await using var application = await CookieApplication.StartAsync();
        var cookie = ("Cookie", await CookieApplication.SignInAsync(application, "alice"));
        var own = ("Origin", application.Address.GetLeftPart(UriPartial.Authority));
        var run = Guid.NewGuid();

        using var hub = await RawHubSocket.OpenAsync(HubClient.HubOf(application.Address), null, cookie, own);
        await hub.InvokeAsync("1", "Graft", $$"""["{{run}}", { "after": "A", "agentName": "x" }, null]""");
        Assert.Contains("\"sequenceNumber\":1", await hub.ReceiveAsync(), StringComparison.Ordinal);
        var published = await SendAsync(application, HttpMethod.Post, $"api/runs/{run}/collaboration/events", Graft, "application/json", cookie, own);
        var polled = await RawHttp.SendAsync(application.Address, HttpMethod.Get, $"api/runs/{run}/collaboration/poll", null, null, cookie);
        var streamed = await RawHttp.SendAsync(application.Address, HttpMethod.Get, $"api/runs/{run}/collaboration/stream", null, null, cookie);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK), (published, polled.Status, streamed.Status));
        Assert.Equal(["alice", "alice"], polled.Json.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("userId").GetString()));
    }

    [Fact]
    public async Task Without_the_cookie_Collab_refuses_with_a_code_and_the_application_in_its_own_way()
    {
        await using var application = await CookieApplication.StartAsync();

        var refused = await RawHttp.SendAsync(application.Address, HttpMethod.Get, "api/runs", token: null);
        RawHttp.AssertRefused(CollabErrorCode.Unauthorized, refused);
        Assert.Empty(refused.Headers.WwwAuthenticate);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var page = await http.GetAsync(new Uri(application.Address, "page"));
        Assert.Equal("/Account/Login", page.Headers.Location?.AbsolutePath);
    }

    /// <summary>A 401 asks for a bearer token where one would do, and nowhere else.</summary>
    [Theory]
    [InlineData("Cookies", false)]
    [InlineData("Tokens", true)]
    [InlineData("Either", true)]
    [InlineData(null, true, true)]
    public async Task A_refusal_asks_for_a_token_only_where_one_would_do(string? scheme, bool asks, bool collabsOwn = false)
    {
        await using var application = await HostApplication.StartAsync(
            services => services.AddAuthentication("Cookies").AddCookie("Cookies").AddJwtBearer("Tokens", _ => { })
                .AddPolicyScheme("Either", null, o => o.ForwardDefaultSelector = http => http.Request.Headers.Authorization.Count > 0 ? "Tokens" : "Cookies"),
            collab =>
            {
                if (collabsOwn) collab.UseJwtBearer();
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab(places =>
                {
                    if (scheme is not null) places.AuthenticationSchemes.Add(scheme);
                });
            });

        foreach (var (method, path) in new[] { (HttpMethod.Get, "api/runs"), (HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1") })
        {
            var refused = await RawHttp.SendAsync(application.Address, method, path, token: null);
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, refused);
            Assert.Equal(asks ? ["Bearer"] : [], refused.Headers.WwwAuthenticate.Select(h => h.ToString()));
        }
    }

    /// <summary>What a browser sends with the victim's cookie when a page of another site asks it to.</summary>
    [Theory]
    [InlineData("https://evil.example", null, "application/json", 403)]
    [InlineData("https://evil.example", null, null, 403)]
    [InlineData("null", null, "text/plain", 403)]
    [InlineData("null", null, "application/json", 403)]
    [InlineData("https://app.127.0.0.1.evil.example", "cross-site", "application/json", 403)]
    [InlineData(null, "same-site", "application/json", 403)]
    // A page of the same site: a Blob without a type, or a beacon, is sent without asking first.
    [InlineData(CookieApplication.Origins, null, null, 415)]
    [InlineData(CookieApplication.Origins, null, "text/plain", 415)]
    [InlineData(null, null, null, 415)]
    public async Task Another_sites_page_stores_nothing_as_the_victim(string? origin, string? site, string? contentType, int status)
    {
        await using var application = await CookieApplication.StartAsync();
        List<(string, string)> headers = [("Cookie", await CookieApplication.SignInAsync(application, "alice"))];
        var run = Guid.NewGuid();
        var cookie = headers[0];
        if (origin is not null) headers.Add(("Origin", origin));
        if (site is not null) headers.Add(("Sec-Fetch-Site", site));

        var answer = await SendAsync(application, HttpMethod.Post, $"api/runs/{run}/collaboration/events", Graft, contentType, [.. headers]);

        Assert.Equal(status, (int)answer);
        var state = await RawHttp.SendAsync(application.Address, HttpMethod.Get, $"api/runs/{run}/collaboration/replay", null, null, cookie);
        Assert.Equal(0, state.Json.GetProperty("lastSequence").GetInt64());
    }

    [Theory]
    [InlineData("DELETE", "api/runs/{run}")]
    [InlineData("DELETE", "api/admin/websocket/connections/x")]
    [InlineData("POST", "api/admin/websocket/cleanup-stale")]
    [InlineData("POST", "hubs/collaboration/negotiate?negotiateVersion=1")]
    [InlineData("GET", "api/runs/{run}/collaboration/poll")]
    [InlineData("GET", "api/runs/{run}/collaboration/stream")]
    public async Task Another_sites_page_changes_nothing_as_the_victim(string method, string path)
    {
        await using var application = await CookieApplication.StartAsync();
        var cookie = ("Cookie", await CookieApplication.SignInAsync(application, "alice"));

        var answer = await RawHttp.SendAsync(
            application.Address, new HttpMethod(method), path.Replace("{run}", Guid.NewGuid().ToString(), StringComparison.Ordinal), null, null, cookie, ("Origin", "https://evil.example"));

        RawHttp.AssertRefused(CollabErrorCode.Forbidden, answer);
    }

    [Fact]
    public async Task Another_sites_page_opens_no_WebSocket_as_the_victim()
    {
        await using var application = await CookieApplication.StartAsync();
        var cookie = ("Cookie", await CookieApplication.SignInAsync(application, "alice"));

        await Assert.ThrowsAsync<WebSocketException>(
            () => RawHubSocket.OpenAsync(HubClient.HubOf(application.Address), null, cookie, ("Origin", "https://evil.example")));
        using var partner = await RawHubSocket.OpenAsync(HubClient.HubOf(application.Address), null, cookie, ("Origin", CookieApplication.Origins));
    }

    private static async Task<HttpStatusCode> SendAsync(
        HostApplication application, HttpMethod method, string path, string body, string? contentType, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { Timeout = Patience.Default };
        using var request = new HttpRequestMessage(method, new Uri(application.Address, path));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null) request.Content.Headers.ContentType = new(contentType);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
