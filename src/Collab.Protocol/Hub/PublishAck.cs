namespace Collab.Protocol;

/// <summary>The answer to a publish. A critical event is durable when this arrives.</summary>
/// <param name="MessageId">The id of the event.</param>
/// <param name="SequenceNumber">Its place in the run; null for an ephemeral event.</param>
/// <param name="Timestamp">Unix milliseconds, the server's clock at commit.</param>
/// <param name="Duplicate">True if an event with this id was already stored: the other fields are that event's.</param>
public sealed record PublishAck(Guid MessageId, long? SequenceNumber, long Timestamp, bool Duplicate);
