using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>Why an event of a batch was refused.</summary>
/// <param name="Code">A <see cref="CollabErrorCode"/> as on the wire.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="RetryAfterMs">After how many milliseconds it can be sent again, with what is behind it. Null, and absent: that is not
/// known.</param>
public sealed record PublishError(
    string Code,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? RetryAfterMs = null)
{
    /// <summary>
    /// Of a <c>conflict</c>: the events that have touched the same since the event's <c>basedOnSequence</c>, ascending, the newest ten at
    /// most. Null, and absent: it is no <c>conflict</c>, or what came since is not kept any more, or the run was erased.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CollaborationEvent>? Events { get; init; }

    /// <summary>
    /// Of an event whose signature is of another time than the server's: what the server's clock says, Unix milliseconds, to sign it
    /// again with. Null, and absent: it is about something else.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ServerTimestamp { get; init; }
}
