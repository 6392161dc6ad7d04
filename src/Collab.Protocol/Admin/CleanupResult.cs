namespace Collab.Protocol;

/// <summary>The answer to <c>POST /api/admin/websocket/cleanup-stale</c>.</summary>
/// <param name="Removed">How many ended connections were forgotten.</param>
public sealed record CleanupResult(int Removed) : ClusterAnswer;
