namespace Collab.Storage;

/// <summary>One critical event as it was committed.</summary>
public sealed class MessageRow
{
    /// <summary>The run that the event belongs to.</summary>
    public Guid RunId { get; set; }

    /// <summary>Its place in the run's order: 1, 2, 3, … without a gap.</summary>
    public long SequenceNumber { get; set; }

    /// <summary>The client's <c>messageId</c>; unique within the run, which is what makes a publish exactly once.</summary>
    public Guid Id { get; set; }

    /// <summary>Who published it.</summary>
    public string UserId { get; set; } = "";

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; set; }

    /// <summary>The event type, <c>GRAFT</c> for example.</summary>
    public string EventType { get; set; } = "";

    /// <summary>The event's data, a JSON object.</summary>
    public string MessageData { get; set; } = "{}";

    /// <summary>The server's clock at commit (UTC).</summary>
    public DateTime Timestamp { get; set; }

    /// <summary>Whether the event changes the pipeline. Ephemeral events are not stored, so this is true on every row.</summary>
    public bool IsCritical { get; set; }

    /// <summary>What signs the event and links it to the one before; null: the server had no keys when it was stored.</summary>
    public string? Signature { get; set; }
}
