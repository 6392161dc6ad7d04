using System.Reflection;
using Collab.AspNetCore.Metrics.Prometheus;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.RunLog;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Collab.AspNetCore.Metrics;

/// <summary>The OpenTelemetry SDK around our instruments. Everything else of Collab knows only <c>System.Diagnostics</c>.</summary>
internal static class OpenTelemetrySetup
{
    public const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Meters =
        [CollabMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.Server.Kestrel"];

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton(CreateMeterProvider);
        services.AddHostedService<TelemetryStartup>();
        services.AddSingleton<IValidateOptions<CollabOptions>, OtlpEndpointRule>();
        services.AddSingleton<IValidateOptions<CollabOptions>, MetricsPortRule>();
        services.AddTransient<IStartupFilter, MetricsPort>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, MetricsPortEndpoint>();
    }

    private static MeterProvider CreateMeterProvider(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(configuration).AddSingleton(services.GetRequiredService<PrometheusExporter>()))
            .ConfigureResource(Describe)
            .AddMeter(Meters)
            // Prometheus keeps the ending _count for histograms, and promtool objects to any other.
            .AddView("dotnet.process.cpu.count", "dotnet.process.cpus")
            .AddView("dotnet.assembly.count", MetricStreamConfiguration.Drop)
            .AddView("dotnet.timer.count", MetricStreamConfiguration.Drop)
            .AddPrometheusExporter();
        if (configuration[EndpointKey] is not null) metrics.AddOtlpExporter();
        return metrics.Build();
    }

    /// <summary>Null where traces have nowhere to go: then nobody listens, and nothing is traced.</summary>
    private static TracerProvider? CreateTracerProvider(IConfiguration configuration) => configuration[EndpointKey] is null ? null
        : Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(configuration))
            .ConfigureResource(Describe)
            .AddSource(CollabTracing.SourceName)
            .AddOtlpExporter()
            .Build();

    /// <summary>Our name and version, unless <c>OTEL_SERVICE_NAME</c> or <c>OTEL_RESOURCE_ATTRIBUTES</c> says otherwise.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("collab", serviceVersion: typeof(CollabMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
        .AddEnvironmentVariableDetector();

    /// <summary>Listens from the start, and sends what is left at the end.</summary>
    private sealed class TelemetryStartup(IServiceProvider services, IConfiguration configuration, IOptions<CollabOptions> options) : IHostedService, IDisposable
    {
        private MeterProvider? _metrics;
        private TracerProvider? _traces;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (options.Value.Metrics.Enabled) _metrics = services.GetRequiredService<MeterProvider>();
            _traces = CreateTracerProvider(configuration);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }
    }

    /// <summary>The exporter would ignore an address that is none, and nobody would know.</summary>
    private sealed class OtlpEndpointRule(IConfiguration configuration) : IValidateOptions<CollabOptions>
    {
        public ValidateOptionsResult Validate(string? name, CollabOptions options) =>
            configuration[EndpointKey] is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
                ? ValidateOptionsResult.Fail($"{EndpointKey}: '{text}' is not an http or https address.")
                : ValidateOptionsResult.Success;
    }
}
