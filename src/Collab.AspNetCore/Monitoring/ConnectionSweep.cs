using System.Collections.Concurrent;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// Looks after the open connections, streams and waiting polls: ends those whose token has expired, and asks again, at least every half
/// minute, whether each may still read what it follows.
/// </summary>
internal sealed partial class ConnectionSweep(ConnectionMonitor monitor, TimeProvider time, ILogger<ConnectionSweep> logger)
    : BackgroundService
{
    /// <summary>An answer that is so old is asked for again; the rest of the half minute is for the rule to answer.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(20);

    /// <summary>A rule that takes longer has not answered.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A connection goes on for so long on an old answer while the rule fails: unavailable is not revoked. Then it has to come back and
    /// ask.
    /// </summary>
    public static readonly TimeSpan TrustOldAnswerFor = TimeSpan.FromMinutes(5);

    /// <summary>So many questions are put to the rule at once, whatever the number of connections.</summary>
    public const int QuestionsAtOnce = 8;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Apart, so that a slow rule does not keep expired tokens alive.
            await Task.WhenAll(EverySecondAsync(ExpireAsync, stoppingToken), EverySecondAsync(AskAgainAsync, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The connections end with the server.
        }
    }

    private async Task EverySecondAsync(Func<CancellationToken, Task> pass, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Second, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await pass(stoppingToken);
    }

    /// <summary>
    /// Ends the connections whose token has expired, by the time of day: that is what a token's end is, also where a new connection shows
    /// it.
    /// </summary>
    internal Task ExpireAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var record in monitor.Open)
        {
            if (record.ExpiresAt?.Invoke() <= now) record.End(Ending.Expired);
        }
        return Task.CompletedTask;
    }

    /// <summary>Asks again where the rule was asked some time ago.</summary>
    internal async Task AskAgainAsync(CancellationToken cancellationToken)
    {
        var failures = new ConcurrentQueue<Exception>();
        var due = from record in monitor.Open
                  let runs = record.Rights?.Due(record.Runs, AskAgainAfter)
                  where runs is { Count: > 0 }
                  select (record, runs);
        await Parallel.ForEachAsync(
            due, new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken },
            async (next, token) => await AskAsync(next.record, next.runs, failures, token));
        if (failures.TryPeek(out var first)) LogAskFailed(first, failures.Count);
    }

    private async Task AskAsync(
        ConnectionRecord record, IReadOnlyList<Guid> due, ConcurrentQueue<Exception> failures, CancellationToken cancellationToken)
    {
        var rights = record.Rights!;
        var (lost, isUnknown) = (new HashSet<Guid>(KeyedGuids.Instance), false);
        foreach (var run in due)
        {
            if (await AskAsync(rights, run, failures, cancellationToken) is not { } access)
                isUnknown |= rights.AgeOf(run) > TrustOldAnswerFor;
            else if (access < RunAccess.Read) lost.Add(run);
        }
        // A run may have been left in the meantime.
        var still = record.Runs;
        if (lost.Overlaps(still)) record.End(Ending.Revoked(isInOthers: still.Any(run => !lost.Contains(run))));
        else if (isUnknown) record.End(Ending.RightsUnknown);
    }

    /// <returns>Null: the rule failed, or did not answer in time.</returns>
    private async Task<RunAccess?> AskAsync(
        KeptRights rights, Guid run, ConcurrentQueue<Exception> failures, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerWithin, time);
        using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await rights.AskAgainAsync(run, inTime.Token).AsTask().WaitAsync(inTime.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failures.Enqueue(e);
            return null;
        }
    }

    [LoggerMessage(
        LogLevel.Error, "Rights to read could not be looked up again, {Count} of them. The connections go on as before, for some minutes.")]
    private partial void LogAskFailed(Exception exception, int count);
}
