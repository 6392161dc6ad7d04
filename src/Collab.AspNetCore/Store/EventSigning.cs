using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>Signs what is stored, where there are keys.</summary>
/// <param name="keys">The keys.</param>
/// <param name="startsAt">From this time on, in Unix milliseconds; null: at once.</param>
internal sealed class EventSigning(SigningKeys keys, long? startsAt)
{
    public SigningKeys Keys => keys;

    /// <summary>Null: nothing is signed.</summary>
    public static EventSigning? Of(SigningOptions options) =>
        options.Keys() is { } keys ? new(keys, options.StartsAt?.ToUnixTimeMilliseconds()) : null;

    /// <summary>Whether what is stored now is signed.</summary>
    public bool IsDue(long timestamp) => startsAt is null || timestamp >= startsAt;

    /// <summary>Whether an event without a signature is wrong for its time alone.</summary>
    public bool Demands(long timestamp) => timestamp >= startsAt;

    /// <summary>Signs an append that is about to get a number.</summary>
    /// <param name="append">What.</param>
    /// <param name="epoch">That of its run.</param>
    /// <param name="sequence">The number.</param>
    /// <param name="timestamp">The time that it gets.</param>
    /// <param name="previous">The signature of the event before; null: it has none.</param>
    public string Sign(in Append append, Guid epoch, long sequence, long timestamp, string? previous)
    {
        var (runId, messageId, eventType, userId, userName, bytes) = append;
        using var data = JsonDocument.Parse(bytes);
        return keys.Sign(new(runId, epoch, sequence, messageId, eventType, userId, userName, timestamp, data.RootElement), previous);
    }
}
