using Collab.Protocol;

namespace Collab.Client;

/// <summary>A refusal: by the server, which says why by a <see cref="Code"/>, or by this client itself (the derived types).</summary>
public class CollabException : Exception
{
    /// <summary>A refusal by the server.</summary>
    /// <param name="code">Why.</param>
    /// <param name="message">What the server says about it.</param>
    /// <param name="retryAfter">How long the server asks to wait; null where it does not.</param>
    public CollabException(CollabErrorCode code, string message, TimeSpan? retryAfter = null)
        : base(message) => (Code, RetryAfter) = (code, retryAfter);

    private protected CollabException(string message)
        : base(message)
    {
    }

    /// <summary>The server's code; null if this client itself refused.</summary>
    public CollabErrorCode? Code { get; }

    /// <summary>
    /// The code as text: the server's, such as <c>rate_limited</c>, or this client's own <c>queue_full</c> or <c>closed</c>.
    /// </summary>
    public virtual string CodeText => Code?.ToWire() ?? "";

    /// <summary>Whether the same request can succeed later.</summary>
    public virtual bool IsRetryable => Code?.IsRetryable() ?? false;

    /// <summary>How long the server asked to wait; null where it did not.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>
    /// Of a <see cref="CollabErrorCode.Conflict"/>: the events that have touched the same since what was published was based on, ascending,
    /// the newest ten at most. Empty: it is no conflict, or the server keeps those events no more.
    /// </summary>
    public IReadOnlyList<CollaborationEvent> ConflictingEvents { get; init; } = [];

    /// <summary>
    /// What was said of one event of a batch; a code that this client does not know counts as a failure for the moment,
    /// <see cref="CollabErrorCode.Unavailable"/>.
    /// </summary>
    /// <param name="error">What the server said.</param>
    /// <returns>The same as an exception.</returns>
    public static CollabException Of(PublishError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new(
            CollabErrorCodes.TryParse(error.Code, out var code) ? code : CollabErrorCode.Unavailable,
            error.Message ?? "",
            error.RetryAfterMs is >= 0 and < int.MaxValue ? TimeSpan.FromMilliseconds(error.RetryAfterMs.Value) : null)
        {
            ConflictingEvents = error.Events ?? [],
            ServerTime = TimeOf(error.ServerTimestamp),
        };
    }

    /// <summary>Why the server ended what was asked for; null where it only refused it.</summary>
    internal EndingCode? Ending { get; init; }

    /// <summary>What the server's clock says, where a signature was of another time; null: it is about something else.</summary>
    internal DateTimeOffset? ServerTime { get; init; }

    /// <summary>A time as the server tells it; null: none, or one that cannot be.</summary>
    internal static DateTimeOffset? TimeOf(long? milliseconds) =>
        milliseconds is > 0 and < 200_000_000_000_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.Value) : null;

    /// <summary>Whether only an HTTP status speaks for it, which may be that of something else than Collab.</summary>
    internal bool IsGuess { get; init; }
}
