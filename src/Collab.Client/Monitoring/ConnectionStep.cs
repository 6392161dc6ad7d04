namespace Collab.Client;

/// <summary>What became of a connection at a moment.</summary>
public enum ConnectionStep
{
    /// <summary>The application asks for it.</summary>
    Connecting,

    /// <summary>Events come over the WebSocket.</summary>
    Connected,

    /// <summary>Another WebSocket took over, with a new token.</summary>
    Renewed,

    /// <summary>The WebSocket was lost.</summary>
    Lost,

    /// <summary>A try of the WebSocket failed.</summary>
    Failed,

    /// <summary>Events come by polling.</summary>
    Polling,

    /// <summary>A poll failed.</summary>
    Unreachable,

    /// <summary>A poll succeeded after one that failed.</summary>
    Reachable,

    /// <summary>The client did not run for a while.</summary>
    Paused,

    /// <summary>The system says that there is no network.</summary>
    Offline,

    /// <summary>It is over.</summary>
    Closed,
}
