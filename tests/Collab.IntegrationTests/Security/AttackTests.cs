using System.Net;
using System.Security.Claims;
using System.Text;
using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Security;

/// <summary>
/// Attacks on running servers, one after another, as an attacker would make them, each refused. <c>tests/attack.sh</c> runs them and shows the refusals;
/// what else is tried is beside this file.
/// </summary>
public sealed class AttackTests(ITestOutputHelper output)
{
    private const string Graft = """{ "eventType": "GRAFT", "data": { "after": "A", "agentName": "x" } }""";

    [Fact]
    public async Task A_token_that_the_application_has_revoked_gets_in_at_no_attempt()
    {
        await using var application = await HostApplication.StartAsync(
            _ => { },
            collab => collab.UseJwtBearer(),
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab();
            },
            services => services.PostConfigure<JwtBearerOptions>(CollabBuilder.AuthenticationScheme, jwt => jwt.Events.OnTokenValidated = context =>
            {
                if (context.Principal!.FindFirstValue("sub") == "mallory") context.Fail("revoked");
                return Task.CompletedTask;
            }));
        using var alice = new ApiClient(application.Address, TestTokens.Create("alice"));
        using var mallory = new ApiClient(application.Address, TestTokens.Create("mallory"));

        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync("api/runs")).Status);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var refused = await mallory.GetAsync("api/runs");
            output.WriteLine($"GET /api/runs with a revoked token, attempt {attempt + 1}: {(int)refused.Status} {refused.Body}");
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, refused);
            var error = await Assert.ThrowsAnyAsync<Exception>(() => HubClient.ConnectAsync(application.Address, TestTokens.Create("mallory")));
            Assert.Contains("401", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Anothers_connection_token_opens_nothing()
    {
        await using var server = await ServerProcess.StartAsync();
        var (alice, mallory) = (TestTokens.Create("alice"), TestTokens.Create("mallory", [$"{Guid.NewGuid()}:read"]));
        var negotiated = await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", alice, "");
        var id = negotiated.Json.GetProperty("connectionToken").GetString();
        var hub = $"hubs/collaboration?id={id}";
        await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, hub, alice);
        await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Post, hub, alice, """{"protocol":"json","version":1}""" + RawHubSocket.RecordSeparator);

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
        {
            var stolen = await RawHttp.SendAsync(server.BaseAddress, method, hub, mallory, method == HttpMethod.Post ? """{"type":6}""" + RawHubSocket.RecordSeparator : null);
            output.WriteLine($"{method} with the connection token of another user: {(int)stolen.Status} {stolen.Body}");
            Assert.Equal(HttpStatusCode.Forbidden, stolen.Status);
        }

        var own = await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Post, hub, alice, """{"type":6}""" + RawHubSocket.RecordSeparator);
        Assert.Equal(HttpStatusCode.OK, own.Status);
    }

    [Theory]
    [InlineData(null, "https://evil.example")]
    [InlineData(null, null)]
    [InlineData("text/plain", null)]
    [InlineData("application/json", "https://evil.example")]
    public async Task Another_sites_page_publishes_nothing_with_the_victims_cookie(string? contentType, string? origin)
    {
        await using var application = await CookieApplication.StartAsync();
        var run = Guid.NewGuid();
        using var browser = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = application.Address };
        browser.DefaultRequestHeaders.Add("Cookie", await CookieApplication.SignInAsync(application, "victim"));
        using var attack = new HttpRequestMessage(HttpMethod.Post, new Uri($"api/runs/{run}/collaboration/events", UriKind.Relative));
        attack.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Graft));
        if (contentType is not null) attack.Content.Headers.ContentType = new(contentType);
        if (origin is not null) attack.Headers.Add("Origin", origin);

        using var answer = await browser.SendAsync(attack);

        var said = await answer.Content.ReadAsStringAsync();
        output.WriteLine($"POST with the victim's cookie, Content-Type {contentType ?? "none"}, Origin {origin ?? "none"}: {(int)answer.StatusCode} {said}");
        Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.UnsupportedMediaType, answer.StatusCode.ToString());
        Assert.Contains("\"code\":", said, StringComparison.Ordinal);
        Assert.Contains("\"lastSequence\":0", await browser.GetStringAsync(new Uri($"api/runs/{run}/collaboration/replay", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_would_take_another_applications_tokens_does_not_start()
    {
        await using var authority = await OidcAuthority.StartAsync();
        (string, string) issuer = ("Collab:Auth:Authority", authority.Issuer);

        var (exitCode, said) = await RefusedStart.RunAsync("Production", "http://127.0.0.1:0", issuer);

        output.WriteLine($"Start with an authority and no audience: exit code {exitCode}. {said}");
        Assert.Equal(1, exitCode);
        Assert.Contains("Collab:Auth:Audience: must be set", said, StringComparison.Ordinal);
        await using var server = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?>
            {
                ["Collab:Auth:SigningKey"] = null,
                ["Collab:Auth:Authority"] = authority.Issuer,
                ["Collab:Auth:Audience"] = "collab",
            },
        });
        var foreign = authority.Token("root", audience: "another-application");
        var answer = await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "api/admin/websocket/connections", foreign);
        output.WriteLine($"The admin API with an administrator's token of another application: {(int)answer.Status} {answer.Body}");
        RawHttp.AssertRefused(CollabErrorCode.Unauthorized, answer);
    }
}
