using System.Text.Json;
using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>Serialisation of the wire types without reflection: camelCase names, every field written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CollaborationEvent))]
[JsonSerializable(typeof(Graft))]
[JsonSerializable(typeof(Prune))]
[JsonSerializable(typeof(Flag))]
[JsonSerializable(typeof(PublishRequest))]
[JsonSerializable(typeof(PublishAck))]
[JsonSerializable(typeof(PublishBatchRequest))]
[JsonSerializable(typeof(IReadOnlyList<PublishResult>))]
[JsonSerializable(typeof(JoinResult))]
[JsonSerializable(typeof(Pong))]
[JsonSerializable(typeof(PollResult))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(StreamStart))]
[JsonSerializable(typeof(StreamEnd))]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(RunPage))]
[JsonSerializable(typeof(DevToken))]
[JsonSerializable(typeof(ConnectionOverview))]
[JsonSerializable(typeof(RunConnections))]
[JsonSerializable(typeof(ConnectionMetrics))]
[JsonSerializable(typeof(IReadOnlyList<ConnectionMetrics>))]
[JsonSerializable(typeof(ConnectionsHealth))]
[JsonSerializable(typeof(UserDisconnected))]
[JsonSerializable(typeof(CleanupResult))]
[JsonSerializable(typeof(DrainStatus))]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(OutboxStatus))]
[JsonSerializable(typeof(IReadOnlyList<HandlerStatus>))]
[JsonSerializable(typeof(WebSocketHealth))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(IReadOnlyList<CollaborationEvent>))]
public sealed partial class CollabJson : JsonSerializerContext;
