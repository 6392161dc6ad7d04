using System.Net;
using System.Text.RegularExpressions;
using Collab.IntegrationTests.Configuration;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Metrics;

/// <summary>What Prometheus gets: the format it asks for, well formed, with labels that no client can fill, on a port of its own if that is configured.</summary>
public sealed partial class ScrapeTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string PrometheusAccepts =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    [Theory]
    [InlineData(null, false)]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.8", false)]
    [InlineData("application/openmetrics-text;q=0.2, text/plain", false)]
    [InlineData("nonsense;;,", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData(PrometheusAccepts, true)]
    public async Task Each_scraper_gets_the_format_it_prefers(string? accept, bool openMetrics)
    {
        await using var client = await server.ConnectAsync("alice");
        await client.PingAsync(5);
        await client.GraftAsync(Guid.NewGuid());

        // Who asks again within 300 ms gets the same answer, whatever has happened since.
        ApiResponse answer = null!;
        await Eventually.TrueAsync(async () => (answer = await ScrapeAsync()).Body.Contains("collab_append_latency", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.OK, openMetrics ? "application/openmetrics-text" : "text/plain"), (answer.Status, answer.ContentType));
        Assert.Equal(openMetrics, answer.Body.EndsWith("# EOF\n", StringComparison.Ordinal));
        var read = Exposition.Parse(answer.Body);
        Assert.True(read["orchestrator_websocket_connections_total"] >= 1);
        Assert.True(read["""collab_append_latency_seconds_bucket{le="+Inf"}"""] >= 1);
        Assert.Equal("histogram", read.Types["collab_append_latency_seconds"]);
        Assert.Equal("counter", read.Types[openMetrics ? "orchestrator_websocket_connections" : "orchestrator_websocket_connections_total"]);
        Assert.Equal(openMetrics ? "milliseconds" : null, read.Units.GetValueOrDefault("orchestrator_websocket_message_latency_milliseconds"));
        Assert.All(read.Types.Keys.Where(t => t != "target"), family => Assert.True(read.Help.ContainsKey(family), $"{family} has no help"));

        Task<ApiResponse> ScrapeAsync() =>
            RawHttp.SendAsync(server.Address, HttpMethod.Get, "metrics", token: null, headers: accept is null ? [] : [("Accept", accept)]);
    }

    [Fact]
    public async Task No_label_ever_holds_what_a_client_says()
    {
        var (run, user, client) = (Guid.NewGuid(), "user-in-no-label", "client-in-no-label");
        await using (var hub = await HubClient.ConnectAsync(server.Address, TestTokens.Create(user), client))
        {
            await hub.JoinAsync(run);
            await hub.GraftAsync(run);
            await HubClient.RefusalOf(hub.PublishAsync(run, "type-in-no-label", new { }));
        }
        using var api = server.Api(user);
        await api.GetAsync($"api/path-in-no-label/{run}");
        await api.SendAsync(new HttpMethod("METHOD-IN-NO-LABEL"), "api/runs");
        await api.PollAsync(run);

        var text = (await api.GetAsync("metrics")).Body;

        Assert.DoesNotContain("in-no-label", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(Id(), string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("target_info", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("GET", HttpStatusCode.OK)]
    [InlineData("HEAD", HttpStatusCode.OK)]
    [InlineData("POST", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", HttpStatusCode.MethodNotAllowed)]
    public async Task Metrics_can_only_be_read(string method, HttpStatusCode expected)
    {
        using var api = server.Api("alice");
        Assert.Equal(expected, (await api.SendAsync(new HttpMethod(method), "metrics")).Status);
    }

    [Fact]
    public async Task Without_metrics_there_is_no_endpoint_and_all_else_works()
    {
        var port = FreePort.Next();
        await using var own = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Metrics:Enabled"] = "false", ["Collab:Metrics:Port"] = $"{port}" },
        });
        using var admin = new ApiClient(own.BaseAddress, TestTokens.Create("alice", admin: true));
        var run = Guid.NewGuid();
        await using var hub = await HubClient.ConnectAsync(own.BaseAddress, TestTokens.Create("alice"));
        await hub.JoinAsync(run);
        await hub.GraftAsync(run);
        await HubClient.RefusalOf(hub.PublishAsync(run, "nonsense", new { }));

        foreach (var path in (string[])["metrics", "Metrics", "METRICS/"]) Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(path)).Status);
        Assert.Equal(1, (await admin.PollAsync(run)).Value.LastSequence);
        var shown = Assert.Single((await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>("api/admin/websocket/metrics")).Value);
        Assert.Equal((run, 0, 0, 1), (shown.RunId, shown.MessagesReceived, shown.MessagesSent, shown.MessageFailures));
        var health = (await admin.GetAsync<WebSocketHealth>("api/health/websocket")).Value;
        Assert.Equal((1, 0), (health.ActiveConnections, health.MessagesProcessed));
    }

    [Fact]
    public async Task A_port_of_their_own_has_metrics_and_nothing_else()
    {
        var port = FreePort.Next();
        await using var own = await ServerProcess.StartAsync(new() { Configuration = new Dictionary<string, string?> { ["Collab:Metrics:Port"] = $"{port}" } });
        using var api = new ApiClient(own.BaseAddress, token: null);
        using var metrics = new ApiClient(new($"http://127.0.0.1:{port}"), token: null);

        Assert.NotEqual(port, own.BaseAddress.Port);
        Assert.Equal(0, (await metrics.MetricsAsync())["orchestrator_websocket_active_connections"]);
        foreach (var path in (string[])["metrics", "metrics/", "Metrics", "METRICS/"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync(path)).Status);
            Assert.Equal(HttpStatusCode.OK, (await metrics.GetAsync(path)).Status);
        }
        foreach (var path in (string[])["health/live", "api/health/websocket", "api/runs", "openapi/v1.json", ""])
            Assert.Equal(HttpStatusCode.NotFound, (await metrics.GetAsync(path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("health/live")).Status);
        Assert.Equal(own.BaseAddress.Port, (await api.GetAsync<WebSocketHealth>("api/health/websocket")).Value.WebSocketPort);
    }

    [Fact]
    public async Task A_port_of_their_own_stands_beside_endpoints_that_Kestrel_was_configured_with()
    {
        var (main, port) = (FreePort.Next(), FreePort.Next());
        await using var own = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Metrics:Port"] = $"{port}", ["Kestrel:Endpoints:Main:Url"] = $"http://127.0.0.1:{main}" },
            WaitUntilReady = false,
        });
        using var api = new ApiClient(new($"http://127.0.0.1:{main}"), token: null);
        using var metrics = new ApiClient(new($"http://127.0.0.1:{port}"), token: null);

        Assert.Equal(0, (await metrics.MetricsAsync())["orchestrator_websocket_active_connections"]);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("metrics")).Status);
        Assert.Equal(main, (await api.GetAsync<WebSocketHealth>("api/health/websocket")).Value.WebSocketPort);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("nine")]
    public async Task A_bad_port_stops_the_start(string port) => await AssertRefusedAsync("http://127.0.0.1:0", "Collab:Metrics:Port", port);

    [Fact]
    public async Task The_servers_own_port_is_none_of_its_own()
    {
        var port = FreePort.Next();
        await AssertRefusedAsync($"http://127.0.0.1:{port}", "Collab:Metrics:Port", $"{port}");
    }

    [Fact]
    public async Task A_bad_address_to_send_to_stops_the_start() => await AssertRefusedAsync("http://127.0.0.1:0", "OTEL_EXPORTER_OTLP_ENDPOINT", "collector");

    private static async Task AssertRefusedAsync(string url, string key, string value)
    {
        var (exitCode, output) = await RefusedStart.RunAsync("Production", url, ("Collab:Auth:SigningKey", TestTokens.Key), (key, value));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(key, output, StringComparison.Ordinal);
        Assert.Contains("Collab cannot start with this configuration", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Id();
}
