namespace Collab.Protocol;

/// <summary>The answer to <c>/api/admin/drain</c>: how far one server is on its way out.</summary>
/// <param name="State">How far it is.</param>
/// <param name="IsStopping">Whether the process ends after it, so that it cannot be taken back.</param>
/// <param name="Open">How many connections, streams and polls that wait have not been told to go.</param>
/// <param name="Told">How many were told to go since it began.</param>
/// <param name="Queued">How many events wait for their commit.</param>
/// <param name="StartedAt">When it began, Unix milliseconds; null if it has not.</param>
/// <param name="EndsAt">When the last one is told to go, at the latest, Unix milliseconds; null if it has not begun, or all were.</param>
public sealed record DrainStatus(DrainState State, bool IsStopping, int Open, int Told, int Queued, long? StartedAt, long? EndsAt);
