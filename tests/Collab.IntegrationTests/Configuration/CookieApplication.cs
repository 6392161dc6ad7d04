using System.Net;
using System.Security.Claims;
using Collab.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.IntegrationTests.Configuration;

/// <summary>An application whose users sign in with a cookie, which counts for Collab too: clients have no token.</summary>
internal static class CookieApplication
{
    public const string Origins = "https://partner.example";

    public static Task<HostApplication> StartAsync() => HostApplication.StartAsync(
        services => services.AddAuthentication("Cookies").AddCookie("Cookies"),
        collab => collab.AuthorizeRunsWith<Everybody>().Configure(o => o.Cors.Origins.Add(Origins)),
        app =>
        {
            app.UseCors();
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapGet("/sign-in", (string user, HttpContext http) => http.SignInAsync(
                "Cookies", new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user), new("role", "admin")], "Cookies"))));
            app.MapGet("/page", () => "for users only").RequireAuthorization();
            app.MapCollab();
        });

    /// <summary>Signs a user in.</summary>
    /// <returns>The cookie, as a browser sends it.</returns>
    public static async Task<string> SignInAsync(HostApplication application, string user)
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false });
        using var answer = await http.GetAsync(new Uri(application.Address, $"sign-in?user={user}"));
        Assert(answer.StatusCode == HttpStatusCode.OK);
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        static void Assert(bool isTrue) => Xunit.Assert.True(isTrue);
    }

    private sealed class Everybody : IRunAuthorizer
    {
        public ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken) => new(RunAccess.Write);
    }
}
