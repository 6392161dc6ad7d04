using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>Collab takes no chair that belongs to the application, and the application's ways do not change what goes over Collab's wire.</summary>
public sealed class OwnWaysTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_applications_JSON_stays_its_own_and_so_does_Collabs(bool addedAfter)
    {
        void AddJson(IServiceCollection services)
        {
            services.AddSignalR().AddJsonProtocol(json => json.PayloadSerializerOptions = new(JsonSerializerDefaults.General) { PropertyNamingPolicy = null });
            services.ConfigureHttpJsonOptions(json =>
            {
                json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                json.SerializerOptions.DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseUpper;
            });
            services.AddProblemDetails(o => o.CustomizeProblemDetails = problem => problem.ProblemDetails.Extensions["code"] = "ours");
        }
        await using var application = await HostApplication.StartAsync(
            addedAfter ? Nothing : AddJson,
            collab => collab.UseJwtBearer(),
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab();
                app.MapGet("/own", () => new { FirstName = "x" });
            },
            addedAfter ? AddJson : null);
        var run = Guid.NewGuid();
        await using var hub = await HubClient.ConnectAsync(application.Address, TestTokens.Create("alice"));
        using var api = new ApiClient(application.Address, TestTokens.Create("root", admin: true));

        var joined = await hub.JoinAsync(run);
        Assert.Equal(1, (await hub.GraftAsync(run)).SequenceNumber);
        await hub.WaitForSequenceAsync(run, 1);

        Assert.Equal((run, "alice"), (joined.RunId, Assert.Single(joined.ActiveUsers)));
        Assert.Equal("""{"first_name":"x"}""", (await api.GetAsync("own")).Body);
        Assert.Equal(1, (await api.GetAsync("api/health/websocket")).Json.GetProperty("totalConnections").GetInt64());
        Assert.Equal("Healthy", (await api.GetAsync("health/ready")).Json.GetProperty("checks").GetProperty("collab-store").GetString());
        Assert.Equal(1, (await api.GetAsync("api/admin/websocket/connections")).Json.GetProperty("connectionsByRun").GetProperty(run.ToString()).GetInt32());
        Assert.Equal("alice", (await api.GetAsync("api/admin/websocket/metrics")).Json[0].GetProperty("userId").GetString());
        Assert.Equal(1, (await api.GetAsync("api/admin/websocket/health")).Json.GetProperty("totalConnections").GetInt32());
        Assert.Equal(0, (await api.SendAsync(HttpMethod.Post, "api/admin/websocket/cleanup-stale")).Json.GetProperty("removed").GetInt32());
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await api.GetAsync("api/runs?limit=x"));
    }

    [Fact]
    public async Task Collab_stands_beside_health_checks_results_and_cookies_of_the_applications_own()
    {
        await using var application = await HostApplication.StartAsync(
            services =>
            {
                services.AddAuthentication("Cookies").AddCookie("Cookies");
                services.AddSingleton<IAuthorizationMiddlewareResultHandler, OwnRefusals>();
                services.AddHealthChecks().AddCheck("store", () => HealthCheckResult.Healthy());
            },
            collab => collab.UseJwtBearer(),
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapGet("/sign-in", (HttpContext http) => http.SignInAsync(new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, "bob")], "Cookies"))));
                app.MapGet("/page", (HttpContext http) => $"for {http.User.FindFirstValue(ClaimTypes.NameIdentifier)}").RequireAuthorization();
                app.MapHealthChecks("/health/ready");
                app.MapCollab(places => (places.ReadinessPath, places.LivenessPath) = ("/collab/ready", null));
            });
        using var handler = new HttpClientHandler();
        using var browser = new HttpClient(handler) { BaseAddress = application.Address };

        Assert.Equal("refused in our own way", await browser.GetStringAsync(new Uri("page", UriKind.Relative)));
        RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await RawHttp.SendAsync(application.Address, HttpMethod.Get, "api/runs", token: null));
        await browser.GetStringAsync(new Uri("sign-in", UriKind.Relative));
        Assert.Equal("for bob", await browser.GetStringAsync(new Uri("page", UriKind.Relative)));
        // The cookie is for the application's pages; Collab goes by its tokens.
        using var withCookie = await browser.GetAsync(new Uri("api/runs", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, withCookie.StatusCode);
        using var api = new ApiClient(application.Address, TestTokens.Create("alice"));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("api/runs")).Status);
        Assert.Equal("Healthy", (await api.GetAsync("health/ready")).Body);
        Assert.Equal("""{"status":"Healthy","checks":{"collab-store":"Healthy"}}""", (await api.GetAsync("collab/ready")).Body);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("health/live")).Status);
    }

    [Fact]
    public async Task Everything_works_in_a_group_and_at_other_places()
    {
        await using var application = await HostApplication.StartAsync(
            _ => { },
            collab => collab.UseJwtBearer(),
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapGroup("/tenant").MapCollab(places => (places.HubPath, places.ApiPath) = ("/live", "/v2"));
            });
        var run = Guid.NewGuid();
        var token = TestTokens.Create("alice");

        using var socket = await RawHubSocket.OpenAsync(new Uri(application.Address, $"tenant/live?access_token={token}"));
        var polled = await RawHttp.SendAsync(application.Address, HttpMethod.Get, $"tenant/v2/runs/{run}/collaboration/poll", token);
        var streamed = await RawHttp.SendAsync(application.Address, HttpMethod.Get, $"tenant/v2/runs/{run}/collaboration/stream?access_token={token}", null);
        var elsewhere = await RawHttp.SendAsync(application.Address, HttpMethod.Get, $"tenant/v2/runs/{run}/collaboration/poll?access_token={token}", null);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (polled.Status, streamed.Status));
        RawHttp.AssertRefused(CollabErrorCode.Unauthorized, elsewhere);
    }

    [Fact]
    public async Task A_token_that_the_application_refuses_is_refused_each_time()
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
        using var mallory = new ApiClient(application.Address, TestTokens.Create("mallory"));
        using var alice = new ApiClient(application.Address, TestTokens.Create("alice"));

        for (var i = 0; i < 3; i++)
        {
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await mallory.GetAsync("api/runs"));
            Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync("api/runs")).Status);
        }
    }

    private static void Nothing(IServiceCollection services)
    {
    }

    private sealed class OwnRefusals : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
            authorizeResult.Succeeded ? next(context) : context.Response.WriteAsync("refused in our own way");
    }
}
