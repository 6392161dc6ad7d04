namespace Collab.Protocol;

/// <summary>What a <see cref="CollabErrorCode"/> is on the wire, and what to do about it.</summary>
public static class CollabErrorCodes
{
    /// <summary>The code as clients see it, for example <c>invalid_event</c>.</summary>
    /// <param name="code">The code.</param>
    /// <returns>Lower case, words joined by underscores.</returns>
    public static string ToWire(this CollabErrorCode code) => code switch
    {
        CollabErrorCode.Unauthorized => "unauthorized",
        CollabErrorCode.Forbidden => "forbidden",
        CollabErrorCode.InvalidEvent => "invalid_event",
        CollabErrorCode.PayloadTooLarge => "payload_too_large",
        CollabErrorCode.RateLimited => "rate_limited",
        CollabErrorCode.Overloaded => "overloaded",
        CollabErrorCode.Unavailable => "unavailable",
        CollabErrorCode.RunEnded => "run_ended",
        CollabErrorCode.Conflict => "conflict",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not an error code."),
    };

    /// <summary>The HTTP status that carries the code.</summary>
    /// <param name="code">The code.</param>
    /// <returns>A status from 400 to 503.</returns>
    public static int ToHttpStatus(this CollabErrorCode code) => code switch
    {
        CollabErrorCode.Unauthorized => 401,
        CollabErrorCode.Forbidden => 403,
        CollabErrorCode.InvalidEvent => 400,
        CollabErrorCode.PayloadTooLarge => 413,
        CollabErrorCode.RateLimited => 429,
        CollabErrorCode.RunEnded => 409,
        CollabErrorCode.Conflict => 409,
        _ => 503,
    };

    /// <summary>Whether the same request can succeed later, with the same <c>messageId</c>.</summary>
    /// <param name="code">The code.</param>
    /// <returns>True for <c>rate_limited</c>, <c>overloaded</c> and <c>unavailable</c>.</returns>
    public static bool IsRetryable(this CollabErrorCode code) =>
        code is CollabErrorCode.RateLimited or CollabErrorCode.Overloaded or CollabErrorCode.Unavailable;

    /// <summary>Reads a code as it is on the wire.</summary>
    /// <param name="wire">For example <c>invalid_event</c>.</param>
    /// <param name="code">The code, if there is one of that name.</param>
    /// <returns>False if there is no such code.</returns>
    public static bool TryParse(string? wire, out CollabErrorCode code)
    {
        foreach (var known in Enum.GetValues<CollabErrorCode>())
        {
            if (known.ToWire() != wire) continue;
            code = known;
            return true;
        }
        code = default;
        return false;
    }
}
