using System.Globalization;
using System.Text;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Collab.IntegrationTests.Metrics;

/// <summary>With a collector configured, metrics and the spans of an event's way are sent to it.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_and_traces_reach_the_collector()
    {
        var received = new Arrivals<(string Path, string Body)>();
        await using var collector = await StartCollectorAsync(received);
        await using var server = await StartServerAsync(collector, everyMs: 200);
        var run = Guid.NewGuid();
        await using var follower = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create("bob"));
        await follower.JoinAsync(run);
        using var api = new ApiClient(server.BaseAddress, TestTokens.Create("alice"));
        await api.PublishAsync(run, "FLAG", new { stepId = "A" });
        await follower.WaitForSequenceAsync(run, 1);

        foreach (var said in (string[])["publish", "commit", "fan-out", "collab.run.id", "pipeline", "url.path"])
            await received.WaitForAsync(all => all.Any(r => r.Path == "/v1/traces" && r.Body.Contains(said, StringComparison.Ordinal)));
        foreach (var said in (string[])["orchestrator.websocket.connections", "collab.append.latency", "dotnet.gc.collections", "pipeline"])
            await received.WaitForAsync(all => all.Any(r => r.Path == "/v1/metrics" && r.Body.Contains(said, StringComparison.Ordinal)));
        Assert.Equal(1, (await api.MetricsAsync())["orchestrator_websocket_messages_in_total"]);
    }

    /// <summary>The hub's clients and the event stream's say their token in the address.</summary>
    [Fact]
    public async Task No_token_reaches_the_collector()
    {
        var received = new Arrivals<(string Path, string Body)>();
        await using var collector = await StartCollectorAsync(received);
        await using var server = await StartServerAsync(collector, everyMs: 3_600_000);
        var token = TestTokens.Create("alice");
        using (var api = new ApiClient(server.BaseAddress, token: null)) await api.GetAsync($"api/runs/{Guid.NewGuid()}/collaboration/stream?access_token={token}x");

        Assert.Equal(0, await server.StopAsync());

        Assert.Contains(received.All, r => r.Path == "/v1/traces" && r.Body.Contains("access_token", StringComparison.Ordinal));
        Assert.DoesNotContain(received.All, r => r.Body.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stops_sends_what_it_still_has()
    {
        var received = new Arrivals<(string Path, string Body)>();
        await using var collector = await StartCollectorAsync(received);
        await using var server = await StartServerAsync(collector, everyMs: 3_600_000);
        using var api = new ApiClient(server.BaseAddress, TestTokens.Create("alice"));
        await api.PublishAsync(Guid.NewGuid(), "FLAG", new { stepId = "A" });
        Assert.Empty(received.All);

        Assert.Equal(0, await server.StopAsync());

        Assert.Contains(received.All, r => r.Path == "/v1/traces" && r.Body.Contains("commit", StringComparison.Ordinal));
        Assert.Contains(received.All, r => r.Path == "/v1/metrics" && r.Body.Contains("collab.append.latency", StringComparison.Ordinal));
    }

    private static Task<ServerProcess> StartServerAsync(WebApplication collector, int everyMs) => ServerProcess.StartAsync(new()
    {
        Configuration = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = everyMs.ToString(CultureInfo.InvariantCulture),
            ["OTEL_BSP_SCHEDULE_DELAY"] = everyMs.ToString(CultureInfo.InvariantCulture),
            ["OTEL_SERVICE_NAME"] = "pipeline",
        },
    });

    private static async Task<WebApplication> StartCollectorAsync(Arrivals<(string Path, string Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/{**path}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Add((request.Path, Encoding.Latin1.GetString(body.ToArray())));
            return Microsoft.AspNetCore.Http.Results.Bytes([], "application/x-protobuf");
        });
        await app.StartAsync();
        return app;
    }
}
