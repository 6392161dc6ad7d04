using System.Collections.Concurrent;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// Tells of states of the application's that cannot be folded, read or written: each is counted, and one in a while is logged.
/// </summary>
internal sealed partial class StateFailures(CollabMetrics metrics, TimeProvider time, ILogger<StateFailures> logger)
{
    private static readonly TimeSpan BetweenLogs = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _logged = new(StringComparer.Ordinal);

    public StateShape Observe(StateShape shape)
    {
        foreach (var own in shape.Own) own.Failed = Failed;
        return shape;
    }

    private void Failed(string state, Exception failure)
    {
        metrics.StateFailed();
        var now = time.GetTimestamp();
        var last = _logged.GetValueOrDefault(state, long.MinValue);
        if (last != long.MinValue && time.GetElapsedTime(last, now) < BetweenLogs) return;
        _logged[state] = now;
        LogFailed(failure, state);
    }

    [LoggerMessage(
        LogLevel.Error,
        "The state '{State}' could not be folded, read or written, and stays as it was. "
        + "It is wrong from here on until its fold is mended.")]
    private partial void LogFailed(Exception failure, string state);
}
