namespace Collab.Client;

/// <summary>How far a <see cref="PendingSend"/> is.</summary>
public enum PendingStatus
{
    /// <summary>It waits for its turn, or for a connection.</summary>
    Queued,

    /// <summary>The server was asked and has not answered yet.</summary>
    Sending,

    /// <summary>The server refused it for good: <see cref="RunConnection.Retry"/> or <see cref="RunConnection.Discard"/> it.</summary>
    Refused,
}
