using System.Text.Json;

namespace Collab.Protocol;

/// <summary>What the signature of a publish is made of, beside its time and its nonce.</summary>
internal readonly record struct SignedPublish(
    Guid RunId, string UserId, string EventType, JsonElement Data, Guid MessageId, long? BasedOnSequence);
