using Collab.TestKit;
using Microsoft.Extensions.Logging;

namespace Collab.ClientTests.Kit;

/// <summary>Keeps all that is logged, whoever logs it.</summary>
internal sealed class ListLogger(Arrivals<string> lines) : ILogger, ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Add(formatter(state, exception));

    public void Dispose()
    {
    }
}
