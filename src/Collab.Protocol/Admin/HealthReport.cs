namespace Collab.Protocol;

/// <summary>The answer to <c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
/// <param name="Status"><c>Healthy</c>, or <c>Unhealthy</c> with status 503.</param>
/// <param name="Checks">Each part that was looked at, and how it is; never why.</param>
public sealed record HealthReport(string Status, IReadOnlyDictionary<string, string> Checks);
