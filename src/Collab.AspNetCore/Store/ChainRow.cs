using System.Text.Json;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>An event's row, as far as it is signed.</summary>
/// <param name="Data">As the store has it; good until the next row is read.</param>
internal readonly record struct ChainRow(
    long Sequence, Guid MessageId, string UserId, string? UserName, string EventType, long Timestamp, ReadOnlyMemory<byte> Data,
    string? Signature)
{
    /// <summary>Whether its signature is that of what it says, under a number.</summary>
    public bool IsSignedAs(long sequence, RunSeal seal, SigningKeys keys)
    {
        if (!EventSignature.TryParse(Signature, out var signature)) return false;
        try
        {
            using var data = JsonDocument.Parse(Data);
            return keys.IsOf(EventOf(sequence, seal.RunId, seal.Epoch, data.RootElement), signature);
        }
        catch (JsonException)
        {
            // Who changed a SQLite file may have left anything.
            return false;
        }
    }

    /// <summary>Signs it in a run.</summary>
    public string Sign(Guid runId, Guid epoch, string? previous, SigningKeys keys)
    {
        using var data = JsonDocument.Parse(Data);
        return keys.Sign(EventOf(Sequence, runId, epoch, data.RootElement), previous);
    }

    private SignedEvent EventOf(long sequence, Guid runId, Guid epoch, JsonElement data) =>
        new(runId, epoch, sequence, MessageId, EventType, UserId, UserName, Timestamp, data);
}
