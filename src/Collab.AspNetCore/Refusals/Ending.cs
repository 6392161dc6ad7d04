using Collab.Protocol;

namespace Collab.AspNetCore.Refusals;

/// <summary>
/// Why the server ends a connection, in one table for the hub, streams, long polls, the log, the metric and the admin API.
/// </summary>
/// <param name="Code">What clients act on.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="AllowReconnect">Whether the client may come back by itself.</param>
internal sealed record Ending(EndingCode Code, string Message, bool AllowReconnect)
{
    /// <summary>More waits for the client than is kept for one connection.</summary>
    public static readonly Ending FellBehind =
        Of(EndingCode.Slow, "The connection fell too far behind. Come back and replay what it has missed.");

    /// <summary>What was written to the client made no progress.</summary>
    public static readonly Ending NoProgress =
        Of(EndingCode.Slow, "The client took nothing for too long. Come back and replay what it has missed.");

    /// <summary>An event could not be handed over, for a reason of the server's own.</summary>
    public static readonly Ending Failed = Of(EndingCode.Slow, "An event could not be delivered. Come back and replay what it has missed.");

    public static readonly Ending Erased = Of(EndingCode.Replaced, "The run was erased. Join again.");

    public static readonly Ending Replaced = Of(EndingCode.Replaced, "The run's log was replaced by another one. Join again.");

    public static readonly Ending Expired = Of(EndingCode.Expired, "The token has expired. Come back with a new one.");

    public static readonly Ending Shutdown =
        Of(EndingCode.Shutdown, "The server is stopping. Come back in a moment.") with { Grace = TimeSpan.FromSeconds(10) };

    public static readonly Ending Idle = Of(EndingCode.Idle, "Nothing came from the client for too long. Come back.");

    public static readonly Ending Kicked = Of(EndingCode.Kicked, "An administrator ended the connection.");

    /// <summary>The rule about runs has failed for minutes.</summary>
    public static readonly Ending RightsUnknown = new(
        EndingCode.Revoked, "Your right to read this run could not be looked up for too long. Come back later.", AllowReconnect: true);

    /// <summary>
    /// For so long the user still counts as present where the connection was: the client comes back at once, here or elsewhere, and nobody
    /// is to see it go.
    /// </summary>
    public TimeSpan Grace { get; private init; }

    /// <summary>The code and the sentence, as SignalR's close message carries them.</summary>
    public string Text => $"[{Code.ToWire()}] {Message}";

    /// <summary>What a poll that waits is answered instead; null: as if nothing had come in time.</summary>
    public RefusedException? ToRefusal() => Code switch
    {
        EndingCode.Revoked or EndingCode.Kicked => new(CollabErrorCode.Forbidden, Message) { Ending = Code },
        EndingCode.Expired => new(CollabErrorCode.Unauthorized, Message) { Ending = Code },
        _ => null,
    };

    public static Ending TooMany(string message) => Of(EndingCode.TooMany, message);

    /// <summary>The right to read a run was taken away.</summary>
    /// <param name="isInOthers">Whether the connection is in other runs that it may read, and so may come back.</param>
    public static Ending Revoked(bool isInOthers) => new(EndingCode.Revoked, "You have no right to read this run any more.", isInOthers);

    public static Ending Of(EndingCode code, string message) => new(code, message, code.IsReconnectAllowed());
}
