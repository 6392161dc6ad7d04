using Collab.AspNetCore.Metrics.Prometheus;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoint that Prometheus scrapes.</summary>
public static class PrometheusExporterEndpointRouteBuilderExtensions
{
    private const string OpenMetrics = "application/openmetrics-text";
    private const string PlainText = "text/plain";

    /// <summary>Maps <c>/metrics</c>: OpenMetrics 1.0.0 for whoever prefers it, else Prometheus' text format 0.0.4. Needs no token.</summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>The endpoint, to put a policy on.</returns>
    public static IEndpointConventionBuilder MapPrometheusScrapingEndpoint(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var exporter = endpoints.ServiceProvider.GetRequiredService<PrometheusExporter>();
        return endpoints.MapGet("/metrics", http => AnswerAsync(http, exporter)).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext http, PrometheusExporter exporter)
    {
        var openMetrics = Prefers(http.Request, OpenMetrics) > Prefers(http.Request, PlainText);
        var text = exporter.Scrape(openMetrics);
        http.Response.ContentType = openMetrics ? $"{OpenMetrics}; version=1.0.0; charset=utf-8" : $"{PlainText}; version=0.0.4; charset=utf-8";
        http.Response.ContentLength = text.Length;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(text, http.RequestAborted);
    }

    /// <summary>How much the client wants a type that it names, 0 to 1.</summary>
    private static double Prefers(HttpRequest request, string type) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
            ? accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty().Max()
            : 0;
}
