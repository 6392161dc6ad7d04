using System.Text.Json;

namespace Collab.Protocol;

/// <summary>What an event's signature is made of, beside the signature before it.</summary>
internal readonly record struct SignedEvent(
    Guid RunId, Guid Epoch, long Sequence, Guid MessageId, string EventType, string UserId, string? UserName, long Timestamp,
    JsonElement Data);
