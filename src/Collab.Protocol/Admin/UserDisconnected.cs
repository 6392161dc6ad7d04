namespace Collab.Protocol;

/// <summary>The answer to <c>DELETE /api/admin/websocket/users/{userId}</c>.</summary>
/// <param name="Ended">How many connections, streams and polls that waited were ended.</param>
public sealed record UserDisconnected(int Ended) : ClusterAnswer;
