namespace Collab.Client;

/// <summary>No answer came: whether the server did what it was asked is not known. Nothing that an application sees.</summary>
internal sealed class NoAnswerException(string message, Exception? reason = null) : Exception(message, reason)
{
    /// <summary>How long a proxy that answered in the server's place asked to wait; null where none did.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
