namespace Collab.Protocol;

/// <summary>The answer to <c>GET /api/admin/servers</c>.</summary>
/// <param name="Bus">
/// What carries news between the servers, <c>postgres</c> or <c>redis</c>; null: nothing, the store is one server's.
/// </param>
/// <param name="IsBusConnected">Whether the server that answers is connected to it, and hears itself on it.</param>
/// <param name="Members">The servers, by name.</param>
public sealed record ClusterStatus(string? Bus, bool IsBusConnected, IReadOnlyList<ServerStatus> Members) : ClusterAnswer;
