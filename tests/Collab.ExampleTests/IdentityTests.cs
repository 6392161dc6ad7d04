using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Collab.TestKit;
using Xunit;

namespace Collab.ExampleTests;

/// <summary>The application with cookies: what opens what, beside the page, which tests/Collab.EndToEndTests opens.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    private ServerProcess? _server;

    public async Task InitializeAsync() => _server = await new Example("identity").StartAsync();

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    [Fact]
    public async Task A_cookie_opens_the_runs_of_its_member_and_ends_with_the_membership()
    {
        using var ana = await RegisterAsync("ana");
        using var ben = await RegisterAsync("ben");
        var run = (await ana.SendAsync(HttpMethod.Post, "runs")).GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.Forbidden, (await ben.PublishAsync(run)).StatusCode);

        await ana.SendAsync(HttpMethod.Put, $"runs/{run}/members", new { email = "ben@example.com" });
        Assert.Equal(HttpStatusCode.Created, (await ben.PublishAsync(run)).StatusCode);
        var said = Assert.Single((await ana.GetAsync($"live/runs/{run}/collaboration/replay")).GetProperty("events").EnumerateArray());
        Assert.Equal("BEN", said.GetProperty("userName").GetString());
        Assert.True(Guid.TryParse(said.GetProperty("userId").GetString(), out var bensId));

        using var stream = await ben.Http.GetAsync(new Uri($"live/runs/{run}/collaboration/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await ana.SendAsync(HttpMethod.Delete, $"runs/{run}/members/{bensId}");
        Assert.Contains("kicked", await stream.Content.ReadAsStringAsync().WaitAsync(Patience.Default), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await ben.PublishAsync(run)).StatusCode);
    }

    [Fact]
    public async Task A_page_of_another_site_gets_nowhere_with_the_cookie()
    {
        using var ana = await RegisterAsync("ana");
        var run = (await ana.SendAsync(HttpMethod.Post, "runs")).GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.Forbidden, (await ana.PublishAsync(run, origin: "https://evil.example")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await ana.Http.PostAsync(new Uri("runs", UriKind.Relative), content: null)).StatusCode);
    }

    [Fact]
    public async Task One_readiness_names_the_applications_part_and_Collabs()
    {
        using var http = new HttpClient { BaseAddress = _server!.BaseAddress };

        var health = await http.GetFromJsonAsync<JsonElement>(new Uri("health/ready", UriKind.Relative));

        Assert.True(health.GetProperty("isReady").GetBoolean());
        Assert.Equal(["collab-drain", "collab-store", "members"], health.GetProperty("parts").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("api/runs", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("live/runs", UriKind.Relative))).StatusCode);
    }

    private async Task<Visitor> RegisterAsync(string name)
    {
        var visitor = new Visitor(_server!.BaseAddress);
        var account = new { email = $"{name}@example.com", password = "correct horse battery" };
        await visitor.SendAsync(HttpMethod.Post, "account/register", account);
        await visitor.SendAsync(HttpMethod.Post, "account/login?useCookies=true", account);
        await visitor.SendAsync(HttpMethod.Put, "me/name", new { name = name.ToUpperInvariant() });
        return visitor;
    }

    /// <summary>A browser without a screen: keeps cookies, and sends the application's token along.</summary>
    private sealed class Visitor(Uri server) : IDisposable
    {
        public HttpClient Http { get; } = new() { BaseAddress = server };

        public void Dispose() => Http.Dispose();

        public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative));

        public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body ?? new { }) };
            request.Headers.Add("X-XSRF-TOKEN", (await GetAsync("antiforgery")).GetProperty("token").GetString());
            using var answer = await Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
            return text.Length == 0 ? default : JsonElement.Parse(text);
        }

        public async Task<HttpResponseMessage> PublishAsync(Guid run, string? origin = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"live/runs/{run}/collaboration/events", UriKind.Relative))
            {
                Content = JsonContent.Create(new { eventType = "GRAFT", data = new { after = "PM", agentName = "scanner" } }),
            };
            if (origin is not null) request.Headers.Add("Origin", origin);
            return await Http.SendAsync(request);
        }
    }
}
