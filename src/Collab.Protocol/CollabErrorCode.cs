namespace Collab.Protocol;

/// <summary>Why the server refused something. Each code means the same over the hub and over HTTP.</summary>
public enum CollabErrorCode
{
    /// <summary><c>unauthorized</c> (401): no token, or one that is not valid. Get a new token.</summary>
    Unauthorized,

    /// <summary><c>forbidden</c> (403): a valid token without a right to this.</summary>
    Forbidden,

    /// <summary><c>invalid_event</c> (400): what was sent is not a valid event or request. Sending it again will not help.</summary>
    InvalidEvent,

    /// <summary><c>payload_too_large</c> (413): the event's data exceeds the server's limit.</summary>
    PayloadTooLarge,

    /// <summary><c>rate_limited</c> (429): too many in too short a time. Retry later.</summary>
    RateLimited,

    /// <summary><c>overloaded</c> (503): the server's queue is full. Retry later.</summary>
    Overloaded,

    /// <summary><c>unavailable</c> (503): the store cannot be reached. Retry later.</summary>
    Unavailable,

    /// <summary><c>run_ended</c> (409): the run was closed by a <c>RUN_END</c> and takes no more events. Final.</summary>
    RunEnded,

    /// <summary><c>conflict</c> (409): what is there already is another thing. Sending it again will not help.</summary>
    Conflict,
}
