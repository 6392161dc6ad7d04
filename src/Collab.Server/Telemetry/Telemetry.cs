using System.Reflection;
using Collab.AspNetCore;
using Collab.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Collab.Server.Telemetry;

/// <summary>
/// OpenTelemetry around the library's meter and source: metrics for Prometheus, and metrics and traces for a collector where one is
/// configured.
/// </summary>
internal static class Telemetry
{
    /// <summary>The library's meter and its source of traces.</summary>
    private const string Instruments = "Collab";

    private static string? Version =>
        typeof(CollabOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var sends = builder.Configuration[OtlpEndpointRule.Key] is not null;
        // What is neither true nor false stops the start.
        var measures = !bool.TryParse(builder.Configuration["Collab:Metrics:Enabled"], out var enabled) || enabled;
        builder.Services.AddSingleton<IValidateOptions<CollabOptions>, OtlpEndpointRule>();
        if (measures) AddMetricsPort(builder.Services);
        if (!measures && !sends) return;

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe);
        if (measures) telemetry.WithMetrics(metrics => Measure(metrics, sends));
        if (sends) telemetry.WithTracing(Trace);
    }

    /// <summary>Maps <c>/metrics</c>, if anything is measured. It needs no token: no label names anybody.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        if (app.Services.GetService<MeterProvider>() is null) return;
        app.MapPrometheusScrapingEndpoint().AllowAnonymous().LimitProbes().ExcludeFromDescription()
            .WithMetadata(new MetricsEndpoint(), new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
    }

    private static void AddMetricsPort(IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<CollabOptions>, MetricsPortRule>();
        services.AddTransient<IStartupFilter, MetricsPortAddress>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, MetricsPortEndpoint>();
    }

    private static void Measure(MeterProviderBuilder metrics, bool sends)
    {
        metrics.AddMeter(Instruments).AddRuntimeInstrumentation().AddAspNetCoreInstrumentation()
            // Prometheus keeps the ending _count for histograms, and promtool objects to any other.
            .AddView("dotnet.process.cpu.count", "dotnet.process.cpus")
            .AddView("dotnet.assembly.count", MetricStreamConfiguration.Drop)
            .AddView("dotnet.timer.count", MetricStreamConfiguration.Drop)
            // No two meters have an instrument of the same name: a label that names the meter would only make every series longer.
            .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
        if (sends) metrics.AddOtlpExporter();
    }

    private static void Trace(TracerProviderBuilder traces) => traces
        .AddSource(Instruments)
        .AddNpgsql()
        .AddAspNetCoreInstrumentation(requests => requests.Filter = http => !IsAsking(http.Request.Path))
        .AddOtlpExporter();

    /// <summary>Machines that ask every few seconds would fill the collector.</summary>
    private static bool IsAsking(PathString path) =>
        path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase)
            || path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase);

    /// <summary>Our name and version, unless <c>OTEL_SERVICE_NAME</c> or <c>OTEL_RESOURCE_ATTRIBUTES</c> says otherwise.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("collab", serviceVersion: Version)
        .AddEnvironmentVariableDetector();
}

/// <summary>The exporter would ignore an address that is none, and nobody would know.</summary>
internal sealed class OtlpEndpointRule(IConfiguration configuration) : IValidateOptions<CollabOptions>
{
    public const string Key = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public ValidateOptionsResult Validate(string? name, CollabOptions options) =>
        configuration[Key] is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            ? ValidateOptionsResult.Fail($"{Key}: '{text}' is not an http or https address.")
            : ValidateOptionsResult.Success;
}
