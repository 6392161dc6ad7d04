namespace Collab.Protocol;

/// <summary>
/// The answer to <c>GET /api/admin/outbox</c>: what applications have published in transactions of their own and is not in the log.
/// </summary>
/// <param name="Depth">How many events wait, counted up to 100000.</param>
/// <param name="OldestAgeMs">How long the first of them has waited, in milliseconds by this server's clock; null if none waits.</param>
/// <param name="FailedCount">How many cannot be published, and were set aside.</param>
/// <param name="Failed">Those, oldest first, at most <c>limit</c> from <c>offset</c> on.</param>
public sealed record OutboxStatus(int Depth, long? OldestAgeMs, int FailedCount, IReadOnlyList<OutboxFailure> Failed);
