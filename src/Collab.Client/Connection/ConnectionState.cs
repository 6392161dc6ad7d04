namespace Collab.Client;

/// <summary>How a run is connected: one of the nested types.</summary>
public abstract record ConnectionState
{
    private ConnectionState()
    {
    }

    /// <summary>Nobody has asked for a connection yet.</summary>
    public sealed record Idle : ConnectionState;

    /// <summary>The first attempt is under way.</summary>
    public sealed record Connecting : ConnectionState;

    /// <summary>Events come over the WebSocket.</summary>
    public sealed record Live : ConnectionState;

    /// <summary>The WebSocket is gone or never came.</summary>
    /// <param name="Attempt">Which attempt comes next, from 1.</param>
    /// <param name="RetryAt">When it comes; null while it is under way.</param>
    public sealed record Reconnecting(int Attempt, DateTimeOffset? RetryAt) : ConnectionState;

    /// <summary>Events come by polling over HTTP.</summary>
    /// <param name="Probing">Whether the WebSocket is being tried right now.</param>
    /// <param name="Reachable">Whether the last poll succeeded.</param>
    public sealed record Polling(bool Probing, bool Reachable) : ConnectionState;

    /// <summary>Over. <see cref="RunConnection.Connect"/> begins again.</summary>
    /// <param name="Error">Why the server will not have this client; null if the application closed the connection.</param>
    public sealed record Closed(CollabException? Error) : ConnectionState;
}
