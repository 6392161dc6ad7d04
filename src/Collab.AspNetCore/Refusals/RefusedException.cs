using System.Globalization;
using Collab.Protocol;

namespace Collab.AspNetCore.Refusals;

/// <summary>
/// The server says no, for a reason that the client can act on. A hub's caller gets the message as it is, <c>[code] detail</c>; over HTTP
/// it becomes problem details with the same code.
/// </summary>
internal sealed class RefusedException(CollabErrorCode code, string detail, TimeSpan? retryAfter = null)
    : CollabRefusedException(code, detail, retryAfter)
{
    /// <summary>Why the server has ended what the caller had, a poll that was waiting, say. Null: it has not.</summary>
    public EndingCode? Ending { get; init; }

    /// <summary>What the server's clock says, where the caller's is at fault, Unix milliseconds. Null: it is not.</summary>
    public long? ServerTimestamp { get; init; }

    /// <summary>The same about one event of several.</summary>
    /// <param name="index">Its place among them, from 0.</param>
    public RefusedException At(int index) =>
        new(Code, string.Create(CultureInfo.InvariantCulture, $"events[{index}]: {Detail}"), RetryAfter)
        {
            Ending = Ending,
            ConflictingEvents = ConflictingEvents,
            ServerTimestamp = ServerTimestamp,
        };

    public static RefusedException Invalid(string detail) => new(CollabErrorCode.InvalidEvent, detail);

    public static RefusedException RunEnded() => new(CollabErrorCode.RunEnded, "The run has ended and takes no more events.");

    public static RefusedException Unavailable() => new(CollabErrorCode.Unavailable, "The event store cannot be reached. Try again.");
}
