namespace Collab.Client;

/// <summary>
/// The connection was closed by this application, or another user has signed in. What waited to be sent is kept, and sent when its user is
/// connected again.
/// </summary>
public sealed class ConnectionClosedException : CollabException
{
    internal ConnectionClosedException(string message = "The connection was closed.")
        : base(message)
    {
    }

    /// <inheritdoc />
    public override string CodeText => "closed";
}
