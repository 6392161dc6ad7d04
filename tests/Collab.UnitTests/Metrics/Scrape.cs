using System.Diagnostics.Metrics;
using System.Text;
using Collab.AspNetCore.Metrics.Prometheus;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Collab.UnitTests.Metrics;

/// <summary>A meter of one test's own, and what a scraper sees of it.</summary>
internal sealed class Scrape : IDisposable
{
    private readonly PrometheusExporter _exporter;
    private readonly MeterProvider _provider;

    /// <param name="meter">The meter to look at; null for a new one.</param>
    public Scrape(string? meter = null)
    {
        Meter = new(meter ?? $"test-{Guid.NewGuid()}");
        _exporter = new(Time);
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(_exporter))
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("tests", serviceVersion: "1", autoGenerateServiceInstanceId: false))
            .AddMeter(Meter.Name)
            .AddPrometheusExporter()
            .Build();
    }

    public Meter Meter { get; }

    public ManualTime Time { get; } = new();

    public string Text(bool openMetrics = false) => Encoding.UTF8.GetString(_exporter.Scrape(openMetrics));

    /// <summary>The text without what it is of.</summary>
    public string[] Lines(bool openMetrics = false) => [.. Text(openMetrics).TrimEnd('\n').Split('\n').Where(l => !l.Contains("target", StringComparison.Ordinal))];

    public Exposition Read(bool openMetrics = false) => Exposition.Parse(Text(openMetrics));

    public void Dispose()
    {
        _provider.Dispose();
        Meter.Dispose();
    }
}
