using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Collab.AspNetCore;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;

namespace Collab.IntegrationTests.Metrics;

/// <summary>
/// An application with an OpenTelemetry and an exporter of its own, to which Collab is added as a library. It runs alone: a meter is known by
/// its name in the whole process, so the exporter would find another test's application too.
/// </summary>
[Collection(Alone.Name)]
public sealed class OwnTelemetryTests
{
    [Fact]
    public async Task An_application_keeps_its_own_metrics_and_traces_and_gets_Collabs_by_its_name()
    {
        using var folder = new TemporaryFolder("telemetry");
        var spans = new Arrivals<string>();
        using var shop = new Meter("Shop");
        var sold = shop.CreateCounter<int>("shop.sold");
        await using var app = Build(folder, spans);
        await app.StartAsync();
        using var api = new ApiClient(new(app.Urls.Single()), TestTokens.Create("alice"));

        sold.Add(3);
        Assert.Equal(HttpStatusCode.Created, (await api.PublishAsync(Guid.NewGuid(), EventTypes.Flag, new { stepId = "A" })).Status);
        var read = await api.MetricsAsync();

        Assert.Equal(3, read["""shop_sold_total{otel_scope_name="Shop"}"""]);
        Assert.Equal(1, read["""orchestrator_websocket_messages_in_total{otel_scope_name="Collab"}"""]);
        Assert.Equal(1, read["""collab_append_batch_size_count{otel_scope_name="Collab"}"""]);
        await spans.WaitForAsync(all => all.Contains("publish", StringComparer.Ordinal) && all.Contains("commit", StringComparer.Ordinal));
    }

    [Fact]
    public void The_library_brings_no_telemetry_but_the_frameworks() =>
        Assert.DoesNotContain(
            typeof(CollabOptions).Assembly.GetReferencedAssemblies(),
            name => name.Name!.Contains("OpenTelemetry", StringComparison.OrdinalIgnoreCase) || name.Name.Contains("Prometheus", StringComparison.OrdinalIgnoreCase));

    private static WebApplication Build(TemporaryFolder folder, Arrivals<string> spans)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = folder.Path });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddCollab().UseSqlite(folder["events.db"]).UseJwtBearer().Configure(o => o.Auth.SigningKey = TestTokens.Key);
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("Shop", "Collab").AddPrometheusExporter())
            .WithTracing(traces => traces.AddSource("Collab").AddProcessor(new SimpleActivityExportProcessor(new SpanNames(spans))));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapCollab();
        app.MapPrometheusScrapingEndpoint();
        return app;
    }

    private sealed class SpanNames(Arrivals<string> names) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch) names.Add(span.DisplayName);
            return ExportResult.Success;
        }
    }
}
