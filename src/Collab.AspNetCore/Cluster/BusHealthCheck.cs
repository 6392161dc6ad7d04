using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Collab.AspNetCore.Cluster;

/// <summary>A bus that is away makes other servers' events a second late, and keeps nothing from working.</summary>
internal sealed class BusHealthCheck(ICollabBus bus, Coverage coverage) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            coverage.IsHeard ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(
                coverage.IsConnected ? $"The bus ({bus.Name}) is connected and carries nothing." : $"The bus ({bus.Name}) is away."));
}
