namespace Collab.Storage;

/// <summary>
/// An event that an application publishes in a transaction of its own: a row of <c>collaboration_outbox</c> as the application's own
/// context inserts it. See <see cref="CollabOutboxExtensions.PublishToRun"/>.
/// </summary>
public sealed class OutboxMessage
{
    /// <summary>Set by the database when it is saved: events of a run go into its log in this order.</summary>
    public long Id { get; private set; }

    /// <summary>The run that it is for.</summary>
    public Guid RunId { get; set; }

    /// <summary>
    /// The event's <c>messageId</c>, by which a repeat is recognised: one that is in the run's log already is not published again.
    /// </summary>
    public Guid MessageId { get; set; }

    /// <summary>The event type: a critical one that the server knows.</summary>
    public string EventType { get; set; } = "";

    /// <summary>Who it is by. Default: <c>outbox</c>.</summary>
    public string UserId { get; set; } = OutboxModel.DefaultUser;

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; set; }

    /// <summary>The event's data, a JSON object.</summary>
    public string Data { get; set; } = "{}";
}
