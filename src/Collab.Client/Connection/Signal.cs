namespace Collab.Client;

/// <summary>What can happen to a connection.</summary>
internal abstract record Signal
{
    private Signal()
    {
    }

    /// <summary>The application asks for it.</summary>
    public sealed record Connect : Signal;

    /// <summary>A try of the WebSocket begins.</summary>
    public sealed record Attempt : Signal;

    /// <summary>The join was answered over the WebSocket.</summary>
    public sealed record Joined : Signal;

    /// <summary>A try failed, or the WebSocket was lost.</summary>
    /// <param name="Failures">Tries in a row that failed.</param>
    /// <param name="Fallback">Poll from now on.</param>
    /// <param name="RetryAt">When the next try comes.</param>
    public sealed record Failed(int Failures, bool Fallback, DateTimeOffset RetryAt) : Signal;

    /// <summary>A poll came back, or did not.</summary>
    public sealed record Polled(bool Reachable) : Signal;

    /// <summary>It is over.</summary>
    public sealed record Close(CollabException? Error) : Signal;
}
