using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Members;

/// <summary>A health check of the application's own, and how its readiness is written.</summary>
internal sealed class MembersCheck(AppDb db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await db.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();

    /// <summary>Each part by its name, Collab's among them: collab-store, collab-drain.</summary>
    public static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        IsReady = report.Status == HealthStatus.Healthy,
        Parts = report.Entries.ToDictionary(e => e.Key, e => e.Value.Status.ToString(), StringComparer.Ordinal),
    });
}
