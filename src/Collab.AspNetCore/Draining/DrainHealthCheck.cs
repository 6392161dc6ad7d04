using Collab.Protocol;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Collab.AspNetCore.Draining;

/// <summary>A server that drains is not ready, so that nothing new is sent to it.</summary>
internal sealed class DrainHealthCheck(Drain drain) : IHealthCheck
{
    public const string Name = "collab-drain";

    /// <summary>What stands at the name in place of a status.</summary>
    public const string Word = "Draining";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.State == DrainState.Serving ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(Word));
}
