using System.Text.Json;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>A send as it is kept while no process runs: one line of a <see cref="QueueFile"/>.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Data">Its data.</param>
/// <param name="CreatedAt">When it was queued, Unix milliseconds.</param>
/// <param name="RefusedCode">Why it was refused for good; null while it still waits.</param>
/// <param name="RefusedText">What the server said about it.</param>
/// <param name="BasedOnSequence">The newest event that who publishes had seen; null: that does not matter.</param>
/// <param name="Conflicts">What stood against it; null: nothing that is known.</param>
internal sealed record KeptSend(
    Guid MessageId, string EventType, JsonElement Data, long CreatedAt, string? RefusedCode, string? RefusedText,
    long? BasedOnSequence = null, IReadOnlyList<CollaborationEvent>? Conflicts = null)
{
    public static KeptSend Of(PendingSend send)
    {
        var refusal = send.Status == PendingStatus.Refused ? send.Error : null;
        return new(
            send.MessageId, send.EventType, send.Data, send.CreatedAt.ToUnixTimeMilliseconds(), refusal?.CodeText, refusal?.Message,
            send.BasedOnSequence, refusal?.ConflictingEvents is { Count: > 0 } events ? events : null);
    }

    /// <summary>One line of a file; null if it makes no sense, as when it was cut off, or could not be sent or kept again.</summary>
    public static KeptSend? Parse(string line)
    {
        try
        {
            var kept = JsonSerializer.Deserialize(line, ClientJson.Default.KeptSend);
            if (kept?.EventType is null || !IsTime(kept.CreatedAt) || kept.BasedOnSequence < 0) return null;
            if (kept.Conflicts?.Any(e => e is not { EventType: not null, UserId: not null, SequenceNumber: not null }) == true) return null;
            return kept with { Data = EventData.Checked(kept.Data) };
        }
        catch (Exception e) when (e is JsonException or CollabException)
        {
            return null;
        }
    }

    public PendingSend ToPending()
    {
        var error = CollabErrorCodes.TryParse(RefusedCode, out var code)
            ? new CollabException(code, RefusedText ?? "") { ConflictingEvents = Conflicts ?? [] }
            : null;
        var status = error is null ? PendingStatus.Queued : PendingStatus.Refused;
        return new(MessageId, EventType, Data, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt), status, 0, error)
        {
            BasedOnSequence = BasedOnSequence,
        };
    }

    private static bool IsTime(long milliseconds) => milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
