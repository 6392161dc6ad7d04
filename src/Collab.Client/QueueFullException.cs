namespace Collab.Client;

/// <summary>
/// Too many events wait to be sent already, see <see cref="CollabClientOptions.MaxQueued"/>. There is room again when one was acknowledged.
/// </summary>
public sealed class QueueFullException : CollabException
{
    internal QueueFullException(int maxQueued)
        : base($"{maxQueued} events wait to be sent already.")
    {
    }

    /// <inheritdoc />
    public override string CodeText => "queue_full";

    /// <summary>True.</summary>
    public override bool IsRetryable => true;
}
