namespace Collab.Storage;

/// <summary>An event that an application has published in a transaction of its own, until it is in the log of its run.</summary>
public sealed class OutboxRow
{
    /// <summary>Its place: events of a run go into its log in this order.</summary>
    public long Id { get; set; }

    /// <summary>The run that it is for.</summary>
    public Guid RunId { get; set; }

    /// <summary>The event's <c>messageId</c>. An id that is in the log already counts as published.</summary>
    public Guid MessageId { get; set; }

    /// <summary>The event type, <c>GRAFT</c> for example; a critical one.</summary>
    public string EventType { get; set; } = "";

    /// <summary>Who it is by.</summary>
    public string UserId { get; set; } = "";

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; set; }

    /// <summary>The event's data, a JSON object.</summary>
    public string Data { get; set; } = "{}";

    /// <summary>When it was inserted (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When it turned out that it cannot be published (UTC); null: it is waiting.</summary>
    public DateTime? FailedAt { get; set; }

    /// <summary>Why it cannot be published.</summary>
    public string? Error { get; set; }
}
