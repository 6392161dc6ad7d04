using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>What became of one event of a batch: it has either member.</summary>
/// <param name="Ack">It is durable, or, of an ephemeral type, on its way.</param>
/// <param name="Error">It was refused.</param>
public sealed record PublishResult(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PublishAck? Ack = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PublishError? Error = null);
