using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Proxies;

/// <summary>Behind a real nginx with the documented block everything works as without; with a careless one the server's own page still does.</summary>
public sealed class NginxTests
{
    private static readonly ServerSettings Trusting = new()
    {
        Configuration = new Dictionary<string, string?> { ["Collab:Proxies:Trusted"] = "127.0.0.1" },
    };

    [Fact]
    public async Task The_documented_block_lets_the_page_in_and_foreign_pages_not()
    {
        await using var server = await ServerProcess.StartAsync(Trusting);
        await using var nginx = await Nginx.StartAsync(server.BaseAddress);
        using var http = nginx.CreateClient();
        var token = TestTokens.Create("alice");

        using var socket = await OpenAsync(nginx, http, token, ("Origin", Origin(nginx)));
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(http, nginx, token, Origin(nginx)));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(http, nginx, token, "https://evil.example"));
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(nginx, http, token, ("Origin", "https://evil.example")));

        // What is answered already may be in the log a moment later.
        await Eventually.TrueAsync(() => nginx.AccessLog.Contains("GET /hubs/collaboration", StringComparison.Ordinal));
        Assert.DoesNotContain(token, nginx.AccessLog, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host $host")]
    [InlineData("Host $proxy_host")]
    [InlineData("Host $host:443")]
    public async Task Whatever_a_proxy_that_is_believed_makes_of_the_host_the_servers_own_page_is_let_in(string host)
    {
        await using var server = await ServerProcess.StartAsync(Trusting);
        await using var nginx = await Nginx.StartAsync(
            server.BaseAddress, block => Nginx.Replace(block, "proxy_set_header Host              $http_host;", $"proxy_set_header {host};"));
        using var http = nginx.CreateClient();
        var token = TestTokens.Create("alice");

        using var socket = await OpenAsync(nginx, http, token, ("Origin", Origin(nginx)));
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(nginx, http, token, ("Origin", "https://evil.example")));
    }

    [Fact]
    public async Task Behind_a_proxy_that_is_not_believed_the_browsers_word_lets_requests_in()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var nginx = await Nginx.StartAsync(
            server.BaseAddress, block => Nginx.Replace(block, "proxy_set_header Host              $http_host;", "proxy_set_header Host $proxy_host;"));
        using var http = nginx.CreateClient();
        var token = TestTokens.Create("alice");

        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(http, nginx, token, Origin(nginx)));
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(http, nginx, token, Origin(nginx), ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(http, nginx, token, "https://evil.example", ("Sec-Fetch-Site", "cross-site")));
    }

    [Fact]
    public async Task A_compressing_proxy_holds_no_event_of_a_stream_back()
    {
        await using var server = await ServerProcess.StartAsync(Trusting);
        // Even where the administrator left buffering as it is.
        await using var nginx = await Nginx.StartAsync(server.BaseAddress, block => Nginx.Replace(block, "proxy_buffering off;", ""));
        using var http = nginx.CreateClient();
        var run = Guid.NewGuid();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(nginx.Address, $"api/runs/{run}/collaboration/stream"));
        request.Headers.Authorization = new("Bearer", TestTokens.Create("alice"));

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience.Default);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.True(response.Headers.CacheControl is { NoStore: true, NoTransform: true });
        Assert.Equal("event: run", await events.ReadLineAsync().WaitAsync(Patience.Default));
        using var api = new ApiClient(server.BaseAddress, TestTokens.Create("bob"));
        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });
        string? line;
        do line = await events.ReadLineAsync().WaitAsync(Patience.Default);
        while (line != "id: 1");
    }

    [Fact]
    public async Task A_token_for_many_runs_fits_into_an_address()
    {
        await using var server = await ServerProcess.StartAsync(Trusting);
        await using var nginx = await Nginx.StartAsync(server.BaseAddress);
        using var http = nginx.CreateClient();
        var token = TestTokens.Create("alice", [.. Enumerable.Range(0, 300).Select(_ => $"{Guid.NewGuid()}:write")]);
        Assert.InRange(token.Length, 16_000, 32_000);

        using var direct = await RawHubSocket.ConnectAsync(server.BaseAddress, token);
        using var proxied = await OpenAsync(nginx, http, token);
    }

    [Fact]
    public async Task The_API_document_names_the_address_that_browsers_know()
    {
        await using var server = await ServerProcess.StartAsync(Trusting);
        await using var nginx = await Nginx.StartAsync(
            server.BaseAddress,
            block => Nginx.Replace(
                Nginx.Replace(block, "location / {", "location /collab/ {"), "proxy_pass http://collab;", "proxy_pass http://collab/; proxy_set_header X-Forwarded-Prefix /collab;"));
        using var http = nginx.CreateClient();

        var below = JsonElement.Parse(await http.GetStringAsync(new Uri(nginx.Address, "collab/openapi/v1.json")));
        var direct = JsonElement.Parse(await http.GetStringAsync(new Uri(server.BaseAddress, "openapi/v1.json")));

        Assert.Equal("/collab", below.GetProperty("servers")[0].GetProperty("url").GetString());
        Assert.Equal("/", direct.GetProperty("servers")[0].GetProperty("url").GetString());
        using var socket = await RawHubSocket.OpenAsync(
            new Uri(nginx.Address, $"collab/hubs/collaboration?access_token={TestTokens.Create("alice")}"), http, ("Origin", Origin(nginx)));
    }

    private static string Origin(Nginx nginx) => nginx.Address.GetLeftPart(UriPartial.Authority);

    private static Task<RawHubSocket> OpenAsync(Nginx nginx, HttpMessageInvoker http, string token, params (string Name, string Value)[] headers) =>
        RawHubSocket.OpenAsync(new Uri(nginx.Address, $"hubs/collaboration?access_token={token}"), http, headers);

    private static async Task<HttpStatusCode> PublishAsync(
        HttpClient http, Nginx nginx, string token, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(nginx.Address, $"api/runs/{Guid.NewGuid()}/collaboration/events"));
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Add("Origin", origin);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        request.Content = new StringContent("""{ "eventType": "GRAFT", "data": { "after": "A", "agentName": "x" } }""", null, "application/json");
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
