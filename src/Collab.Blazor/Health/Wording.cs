using Collab.Client;
using Collab.Protocol;

namespace Collab.Blazor;

/// <summary>A connection in words; the same ones as in the Angular component.</summary>
internal static class Wording
{
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

    /// <summary>How events travel.</summary>
    public static string Transport(ConnectionState connection) => connection switch
    {
        ConnectionState.Live => "WebSocket",
        ConnectionState.Polling => "HTTP polling",
        _ => "None",
    };
}
