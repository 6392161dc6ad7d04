using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>What the client logs. A connection that is lost and comes back is Debug: it is what the client is for.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Run {RunId}: {From} → {To}")]
    public static partial void Moved(this ILogger logger, Guid runId, ConnectionState from, ConnectionState to);

    [LoggerMessage(2, LogLevel.Debug, "Run {RunId}: the connection ended or did not come to be")]
    public static partial void LinkEnded(this ILogger logger, Exception? reason, Guid runId);

    [LoggerMessage(3, LogLevel.Information, "Run {RunId}: WebSockets do not get through, polling from now on")]
    public static partial void FellBack(this ILogger logger, Guid runId);

    [LoggerMessage(4, LogLevel.Debug, "Run {RunId}: a poll failed")]
    public static partial void PollFailed(this ILogger logger, Exception reason, Guid runId);

    [LoggerMessage(5, LogLevel.Warning, "Run {RunId}: the server refuses this client, it will not be tried again ({Code})")]
    public static partial void RefusedForGood(this ILogger logger, Guid runId, string code);

    [LoggerMessage(6, LogLevel.Warning, "Run {RunId}: event {MessageId} was refused for good ({Code})")]
    public static partial void SendRefused(this ILogger logger, Guid runId, Guid messageId, string code);

    [LoggerMessage(7, LogLevel.Warning, "Run {RunId}: events that wait to be sent cannot be kept in {Path}")]
    public static partial void NotKept(this ILogger logger, Exception reason, Guid runId, string path);

    [LoggerMessage(8, LogLevel.Error, "An application's handler of {Event} failed")]
    public static partial void HandlerFailed(this ILogger logger, Exception reason, string @event);

    [LoggerMessage(10, LogLevel.Error, "The state '{State}' could not be folded, read or written, and stays as it was")]
    public static partial void StateFailed(this ILogger logger, Exception reason, string state);

    [LoggerMessage(11, LogLevel.Warning, "Run {RunId}: the state after event {Sequence} is not the server's")]
    public static partial void FingerprintDiffered(this ILogger logger, Guid runId, long sequence);

    [LoggerMessage(12, LogLevel.Error, "Run {RunId}: event {Sequence} is not as the server signed it: {Reason}")]
    public static partial void WrongEvent(this ILogger logger, Guid runId, long sequence, string reason);

    [LoggerMessage(9, LogLevel.Error, "The client failed in a way that it should not")]
    public static partial void Unexpected(this ILogger logger, Exception reason);
}
