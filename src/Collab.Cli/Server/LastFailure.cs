using Microsoft.Extensions.Logging;

namespace Collab.Cli.Server;

/// <summary>
/// Remembers what the client says about its last failure: it goes on trying and does not complain, but the user who waits wants to know
/// what is wrong.
/// </summary>
internal sealed class LastFailure : ILoggerFactory, ILogger
{
    private volatile string? _reason;
    private volatile bool _pollHasFailed;

    /// <summary>The reason after a colon; empty if there was none.</summary>
    public string Clause => _reason is { } reason ? $": {reason}" : "";

    /// <summary>
    /// Whether a poll has failed since the client last fell back to polling. Its snapshots do not tell that from a first poll which is
    /// under way.
    /// </summary>
    public bool PollHasFailed => _pollHasFailed;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // The names that the client gives to what it logs.
        if (eventId.Name is "FellBack") _pollHasFailed = false;
        else if (eventId.Name is "PollFailed") _pollHasFailed = true;
        if (exception is null or OperationCanceledException) return;
        _reason = Innermost(exception).Message.TrimEnd('.');
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    /// <summary>What the system says, and not what each layer above says about that.</summary>
    public static Exception Innermost(Exception e)
    {
        while (e is not Client.CollabException && e.InnerException is { } inner) e = inner;
        return e;
    }
}
