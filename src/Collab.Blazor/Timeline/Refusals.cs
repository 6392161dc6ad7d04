using Collab.Client;

namespace Collab.Blazor;

/// <summary>Why something was refused, in words that follow a colon; the same ones as on the demo page.</summary>
internal static class Refusals
{
    public static string Of(CollabException? error) => error?.CodeText switch
    {
        null or "" => "no reason given",
        "unauthorized" => "the access token is not valid any more",
        "forbidden" => "you have no right to change this run",
        "invalid_event" => "the server cannot accept this change",
        "payload_too_large" => "it is too long",
        "rate_limited" => "too many changes at once",
        "overloaded" => "the server has too much to do",
        "unavailable" => "the server cannot store it now",
        "conflict" => "somebody else has changed the same thing meanwhile",
        "run_ended" => "this run has ended",
        "queue_full" => "too many changes are waiting to be sent",
        "closed" => "not connected",
        var code => code,
    };
}
