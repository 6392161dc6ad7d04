namespace Collab.AspNetCore;

/// <summary>
/// A type of event whose data may be any object. In the configuration: <c>Collab:Events:COMMENT:Kind=Critical</c>, or short
/// <c>Collab:Events:COMMENT=Critical</c>.
/// </summary>
public sealed class EventTypeOptions
{
    /// <summary>Whether events of the type are stored. Default: <see cref="EventKind.Ephemeral"/>.</summary>
    public EventKind Kind { get; set; }

    /// <summary>
    /// The field of the data by which the newest events of the type are kept in every state, <c>state.latest</c>: one for each value,
    /// however many events are trimmed. Only for <see cref="EventKind.Critical"/>. Default: none.
    /// </summary>
    public string? LatestBy { get; set; }

    /// <summary>A type of that kind, and no more to say about it.</summary>
    /// <param name="kind">Whether events of the type are stored.</param>
    public static implicit operator EventTypeOptions(EventKind kind) => FromEventKind(kind);

    /// <summary>A type of that kind, and no more to say about it.</summary>
    /// <param name="kind">Whether events of the type are stored.</param>
    /// <returns>New options.</returns>
    public static EventTypeOptions FromEventKind(EventKind kind) => new() { Kind = kind };
}
