namespace Collab.AspNetCore.Events;

/// <summary>One type of event: whether it is stored, what its data must hold, and who may publish it.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="IsCritical">Stored and numbered, or not.</param>
/// <param name="Sender">Who may publish it.</param>
/// <param name="Check">What its data must hold; null: any object will do.</param>
internal sealed record EventType(string Name, bool IsCritical, EventSender Sender, EventDataCheck? Check = null)
{
    /// <summary>The type of its data; null: any object.</summary>
    public TypedData? Data { get; init; }

    /// <summary>The field by which the newest events of the type are kept in every state; null: they are not.</summary>
    public string? LatestBy { get; init; }
}

/// <summary>Who may publish events of a type.</summary>
internal enum EventSender
{
    /// <summary>The server alone.</summary>
    Server,

    /// <summary>A user who may read the run.</summary>
    Reader,

    /// <summary>A user who may write to it.</summary>
    Writer,
}
