namespace Collab.Cli;

/// <summary>What the tool ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done; also when Ctrl+C ended what goes on until then.</summary>
    public const int Done = 0;

    /// <summary>The server refused it.</summary>
    public const int Refused = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The server was not reached, or did not answer, in time.</summary>
    public const int NotInTime = 3;

    /// <summary>
    /// A load found that something was lost, came twice or came out of order; or a run is not as it was signed.
    /// </summary>
    public const int Broken = 4;

    /// <summary>
    /// It failed in another way: what was asked for cannot be written, or nobody foresaw it. What was to be published may be stored.
    /// </summary>
    public const int Failed = 5;

    /// <summary>Ctrl+C before it was done.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command line makes no sense, in a way that only shows when it is carried out.</summary>
/// <param name="message">One plain sentence.</param>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The server was not reached, or did not answer, in time.</summary>
/// <param name="message">One plain sentence.</param>
internal sealed class NotInTimeException(string message) : Exception(message);
