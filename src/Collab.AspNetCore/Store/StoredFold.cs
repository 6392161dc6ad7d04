using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

internal static class StoredFold
{
    /// <summary>Folds in the next event, from its row.</summary>
    public static void Apply(
        this StateFold state, Guid runId, long sequence, Guid messageId,
        string userId, string? userName, string eventType, long timestamp, ReadOnlySpan<byte> data, string? signature)
    {
        if (!state.NeedsEvents) state.Apply(sequence, eventType, userId, data);
        else state.Apply(new LoggedEvent(
            runId, sequence, eventType, userId, userName, timestamp, messageId, EventDataReader.Compact(data), signature));
    }
}
