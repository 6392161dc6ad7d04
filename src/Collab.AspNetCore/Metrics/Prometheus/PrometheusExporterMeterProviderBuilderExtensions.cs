using Collab.AspNetCore.Metrics.Prometheus;
using Microsoft.Extensions.DependencyInjection;

namespace OpenTelemetry.Metrics;

/// <summary>
/// The part of the package <c>OpenTelemetry.Exporter.Prometheus.AspNetCore</c> that Collab needs, under the same names: where that package can be had,
/// this folder can be deleted.
/// </summary>
public static class PrometheusExporterMeterProviderBuilderExtensions
{
    /// <summary>Lets the metrics be scraped; see <see cref="Microsoft.AspNetCore.Builder.PrometheusExporterEndpointRouteBuilderExtensions"/>.</summary>
    /// <param name="builder">The metrics.</param>
    /// <returns>The same builder.</returns>
    public static MeterProviderBuilder AddPrometheusExporter(this MeterProviderBuilder builder) => builder.AddReader(
        services => new BaseExportingMetricReader(services.GetRequiredService<PrometheusExporter>()) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative });
}
