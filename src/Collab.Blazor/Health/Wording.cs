using Collab.Client;
using Collab.Protocol;

namespace Collab.Blazor;

/// <summary>A connection in words; the same ones as in the Angular component.</summary>
internal static class Wording
{
    /// <summary>Whether there is nothing to be connected for any more, so that being away is no fault.</summary>
    public static bool IsOver(RunSnapshot now) =>
        now.Ended && now.Connection is (ConnectionState.Live or ConnectionState.Closed { Error: null });

    /// <param name="connection">How it is.</param>
    /// <param name="isBack">Whether it was away a moment ago.</param>
    public static string Word(ConnectionState connection, bool isBack) => connection switch
    {
        ConnectionState.Idle or ConnectionState.Connecting => "Connecting",
        ConnectionState.Live => isBack ? "Reconnected" : "Connected",
        ConnectionState.Polling { Reachable: true } => "HTTP Polling",
        _ => "Disconnected",
    };

    /// <summary>How good a connection is, as a colour would say it: <c>good</c>, <c>waiting</c>, <c>poor</c>, <c>bad</c>.</summary>
    public static string Tone(ConnectionState connection, ConnectionStatus status) => connection switch
    {
        ConnectionState.Idle or ConnectionState.Connecting => "waiting",
        ConnectionState.Live => status is ConnectionStatus.Healthy ? "good" : "poor",
        ConnectionState.Polling { Reachable: true } => "poor",
        _ => "bad",
    };

    /// <summary>Why the server ended the connection last.</summary>
    public static string Ending(EndingCode code) => code switch
    {
        EndingCode.Slow => "The connection was ended: it was too slow for what happens here.",
        EndingCode.Expired => "The connection was ended: the sign-in had expired.",
        EndingCode.Revoked => "The connection was ended: the right to read this run was taken away.",
        EndingCode.Kicked => "The connection was ended by an administrator.",
        EndingCode.Replaced => "The connection was ended: the run was erased or replaced.",
        EndingCode.Shutdown => "The connection was ended: the server restarts.",
        EndingCode.TooMany => "The connection was ended: this user has too many.",
        EndingCode.Idle => "The connection was ended: nothing came over it for too long.",
        _ => "The connection was ended: the server did not understand it.",
    };

    /// <summary>What to say while the WebSocket does not work: that updates come by polling, or that none come at all.</summary>
    public static string Fallback(ConnectionState connection, TimeSpan pollInterval) =>
        connection is ConnectionState.Polling { Reachable: false }
            ? $"The server does not answer. It is asked again every {Figures.Seconds(pollInterval)}."
            : $"Live connection blocked. Updates every {Figures.Seconds(pollInterval)}.";

    /// <summary>What became of a connection, in a word or two.</summary>
    public static string Step(ConnectionStep step) => step switch
    {
        ConnectionStep.Connecting => "Connecting",
        ConnectionStep.Connected => "Connected",
        ConnectionStep.Renewed => "Connected with a new token",
        ConnectionStep.Lost => "Connection lost",
        ConnectionStep.Failed => "Attempt failed",
        ConnectionStep.Polling => "Polling over HTTP",
        ConnectionStep.Unreachable => "Poll failed",
        ConnectionStep.Reachable => "Polls are answered again",
        ConnectionStep.Paused => "Paused",
        ConnectionStep.Offline => "Offline",
        _ => "Closed",
    };

    /// <summary>How events travel.</summary>
    public static string Transport(ConnectionState connection) => connection switch
    {
        ConnectionState.Live => "WebSocket",
        ConnectionState.Polling => "HTTP polling",
        _ => "None",
    };
}
