using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>Collab has refused what the application asked for, for a reason that it can act on.</summary>
public class CollabRefusedException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="code">Why.</param>
    /// <param name="detail">A sentence for people, without the code.</param>
    /// <param name="retryAfter">How long to wait before the next try; null: not known.</param>
    public CollabRefusedException(CollabErrorCode code, string detail, TimeSpan? retryAfter = null)
        : base($"[{code.ToWire()}] {detail}") => (Code, Detail, RetryAfter) = (code, detail, retryAfter);

    /// <summary>Why. <see cref="CollabErrorCodes.IsRetryable"/> says whether the same can succeed later.</summary>
    public CollabErrorCode Code { get; }

    /// <summary>A sentence for people. The message begins with the code: <c>[code] sentence</c>.</summary>
    public string Detail { get; }

    /// <summary>How long to wait before the next try; null: not known.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>
    /// Of a <see cref="CollabErrorCode.Conflict"/> over <see cref="PublishOptions.BasedOnSequence"/>: the events that have touched the same
    /// since, ascending, the newest ten at most. Empty: it is no such conflict, or those events are not kept any more, or the run was
    /// erased meanwhile.
    /// </summary>
    public IReadOnlyList<CollaborationEvent> ConflictingEvents { get; internal init; } = [];
}
