using System.Text.Json;
using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The body of <c>POST …/collaboration/events</c>.</summary>
/// <param name="EventType">A built-in or configured type.</param>
/// <param name="Data">The event's data, an object.</param>
/// <param name="MessageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
public sealed record PublishRequest(string EventType, JsonElement Data, Guid? MessageId)
{
    /// <summary>
    /// The newest event of the run that the publisher had seen, 0 or more; 0: none. If one after it touches the same, the event is refused
    /// <c>conflict</c>, with those that do. The same: the step (<c>after</c> of a GRAFT, <c>stepId</c> of a PRUNE or FLAG), else the value
    /// of the field that the type keeps its newest events by (<c>LatestBy</c>), else the whole run. Null, and absent: nothing clashes with
    /// the event.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BasedOnSequence { get; init; }

    /// <summary>
    /// What the user's client has signed the event with, where the server wants that (<c>Collab:Signing:Clients</c>); it goes with a
    /// message id. Null, and absent: it is not signed.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishSignature? Signature { get; init; }
}
