using System.Runtime.InteropServices;
using System.Text;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>Sends that go together.</summary>
internal static class Batch
{
    /// <summary>So many the server takes at once.</summary>
    public const int Most = 100;

    /// <summary>
    /// A frame of more than 64 KiB would end the connection. What SignalR and each event put around the data is counted in full.
    /// </summary>
    private const int MaxBytes = 48 * 1024;

    private const int Overhead = 250;

    /// <summary>
    /// The first of what waits that go together: no more bytes than a frame has room for; the first one goes in any case.
    /// </summary>
    /// <param name="waiting">What waits, in its order.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="isLast">Nothing goes behind it, for it may have to be sent again.</param>
    public static OutboxEntry[] From(IEnumerable<OutboxEntry> waiting, int most, Predicate<OutboxEntry> isLast)
    {
        var (bytes, isFull) = (0, false);
        return [.. waiting.Take(most).TakeWhile((entry, index) =>
        {
            var fits = index == 0 || (!isFull && bytes + SizeOf(entry.Send) <= MaxBytes);
            bytes += SizeOf(entry.Send);
            isFull = isLast(entry);
            return fits;
        })];
    }

    /// <summary>As they go over the wire.</summary>
    public static PublishRequest[] Of(IEnumerable<PendingSend> sends) =>
        [.. sends.Select(send => new PublishRequest(send.EventType, send.Data, send.MessageId) { BasedOnSequence = send.BasedOnSequence })];

    /// <summary>Whether it says of each of so many events what became of it.</summary>
    public static bool IsAnswer(IReadOnlyList<PublishResult>? results, int count) =>
        results?.Count == count
        && results.All(result => result is { Ack.MessageId: var id } ? id != default : result?.Error is { Code: not null });

    private static int SizeOf(PendingSend send) =>
        JsonMarshal.GetRawUtf8Value(send.Data).Length + Encoding.UTF8.GetByteCount(send.EventType) + Overhead;
}
