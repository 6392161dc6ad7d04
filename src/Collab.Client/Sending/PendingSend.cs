using System.Text.Json;

namespace Collab.Client;

/// <summary>A publish that is not acknowledged yet, or was refused for good and waits for a decision.</summary>
/// <param name="MessageId">Its id, the same in every repeat.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Data">Its data.</param>
/// <param name="CreatedAt">When it was queued, this machine's clock.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Attempts">How often the server was asked.</param>
/// <param name="Error">The last refusal; null while there was none.</param>
public sealed record PendingSend(
    Guid MessageId,
    string EventType,
    JsonElement Data,
    DateTimeOffset CreatedAt,
    PendingStatus Status,
    int Attempts,
    CollabException? Error)
{
    /// <summary>The newest event that who publishes had seen; null: it is published whatever came since.</summary>
    public long? BasedOnSequence { get; init; }
}
