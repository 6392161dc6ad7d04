using Collab.AspNetCore.Events;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Handlers;

/// <summary>
/// Works on one run for one handler: claims it, handles what is there, keeps the position, and lets go of it when it is quiet.
/// </summary>
internal sealed partial class HandlerRunner(
    IRunStore runs, IHandlerStore store, HandlerLease lease, Trimmer trimmer, CollabMetrics metrics, IServiceProvider services,
    TimeProvider time, ILogger<HandlerRunner> logger)
{
    /// <summary>How many events are read at a time; other runs come in between.</summary>
    private const int AtOnce = 100;

    private const int MaxErrorLength = 1000;

    /// <summary>How long to leave a run alone that another server has.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a run without events stays ours.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <returns>When to come again; null: not before there is something new.</returns>
    /// <exception cref="StoreException">The store is away. What was handled is remembered.</exception>
    public async ValueTask<TimeSpan?> RunAsync(HandlerWork work, CancellationToken stoppingToken)
    {
        if (work.Term is not { IsOver: false } && await ClaimAsync(work) is { } notNow) return notNow.ComeAgain;
        if (time.GetTimestamp() < work.RetryAt) return time.GetElapsedTime(time.GetTimestamp(), work.RetryAt);
        if (work.IsAhead && !await MoveAsync(work)) return Busy;

        var snapshot = (await runs.LoadAfterAsync([(work.RunId, work.Position)], AtOnce, CancellationToken.None))[work.RunId];
        if (snapshot.Epoch != work.Epoch) return BeginAgain(work, snapshot.Epoch);
        if (snapshot.FoldedSequence > work.Position) return Pass(work, snapshot.FoldedSequence);
        var before = work.Position;
        foreach (var e in snapshot.Events)
        {
            if (await HandleAsync(work, e, stoppingToken) is { } stop) return stop.ComeAgain;
        }
        if (snapshot.LastSequence > work.Position) return work.Position > before ? TimeSpan.Zero : Busy;
        if (time.GetElapsedTime(work.BusyAt) < Quiet) return Quiet;
        var isOurs = await store.MoveAsync(PlaceOf(work), work.Term!.Owner, release: true, CancellationToken.None);
        if (!isOurs) LogLost(work);
        work.Term = null;
        trimmer.NoteHandled(work.RunId, snapshot.LastSequence - snapshot.FoldedSequence);
        return null;
    }

    /// <returns>Null: the run is ours.</returns>
    private async ValueTask<Stop?> ClaimAsync(HandlerWork work)
    {
        work.Term = null;
        if (lease.Current is not { } term) return new(Busy);
        var claim = await store.ClaimAsync(work.Handler.Name, work.RunId, term.Owner, CancellationToken.None);
        if (claim.Result != ClaimResult.Claimed) return new(claim.Result == ClaimResult.Busy ? Busy : null);
        // What was handled here and could not be kept is not handled again, unless another server has begun at the old place.
        if (!work.IsAhead || claim.Epoch != work.Epoch || claim.Position > work.Position)
            (work.Epoch, work.Position, work.IsAhead) = (claim.Epoch, claim.Position, false);
        (work.Term, work.Attempts, work.BusyAt) = (term, claim.Attempts, time.GetTimestamp());
        work.RetryAt = time.GetTimestamp() + time.TicksOf(claim.RetryIn);
        return null;
    }

    /// <returns>Null: the next event can follow.</returns>
    private async ValueTask<Stop?> HandleAsync(HandlerWork work, LoggedEvent e, CancellationToken stoppingToken)
    {
        if (!work.Handler.Handles(e.EventType))
        {
            (work.Position, work.IsAhead) = (e.Sequence, true);
            return null;
        }
        if (work.IsAhead && !await MoveAsync(work)) return new(Busy);
        work.BusyAt = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, work.Term!.Over);
        if (stop.IsCancellationRequested) return new(Busy);
        try
        {
            await work.Handler.HandleAsync(services, e, stop.Token);
        }
        catch (Exception failure)
        {
            return stop.IsCancellationRequested ? new(Busy) : await FailAsync(work, e, failure);
        }
        (work.Position, work.IsAhead, work.Attempts, work.BusyAt) = (e.Sequence, true, 0, time.GetTimestamp());
        metrics.Handled(work.Handler.Name);
        return await MoveAsync(work) ? null : new(Busy);
    }

    /// <returns>False: the run is another server's by now.</returns>
    private async ValueTask<bool> MoveAsync(HandlerWork work)
    {
        var isOurs = await store.MoveAsync(PlaceOf(work), work.Term!.Owner, release: false, CancellationToken.None);
        if (!isOurs) LogLost(work);
        work.IsAhead = false;
        return isOurs;
    }

    private async ValueTask<Stop> FailAsync(HandlerWork work, LoggedEvent e, Exception failure)
    {
        var (options, attempts) = (work.Handler.Options, work.Attempts + 1);
        var error = StoreText.Cut($"{failure.GetType().Name}: {failure.Message}".Replace('\0', ' '), MaxErrorLength);
        TimeSpan? delay = attempts >= options.Attempts ? null : DelayAfter(attempts, options);
        metrics.HandlerFailed(work.Handler.Name);
        if (!await store.FailAsync(PlaceOf(work), work.Term!.Owner, attempts, error, delay, CancellationToken.None))
        {
            LogLost(work);
            return new(Busy);
        }
        work.IsAhead = false;
        if (delay is { } pause)
        {
            LogFailed(failure, work.Handler.Name, e.EventType, e.Sequence, work.RunId, attempts);
            (work.Attempts, work.RetryAt) = (attempts, time.GetTimestamp() + time.TicksOf(pause));
            return new(pause);
        }
        LogParked(failure, work.Handler.Name, work.RunId, e.EventType, e.Sequence, attempts);
        work.Term = null;
        return new(null);
    }

    /// <summary>About twice as long each time.</summary>
    internal static TimeSpan DelayAfter(int attempts, HandlerOptions options)
    {
        var exact = options.FirstDelay * Math.Pow(2, Math.Min(attempts - 1, 30));
        return Jitter.Around(exact < options.LongestDelay ? exact : options.LongestDelay);
    }

    /// <summary>The run was erased: its new log is handled from its first event on.</summary>
    private static TimeSpan BeginAgain(HandlerWork work, Guid epoch)
    {
        (work.Epoch, work.Position, work.Attempts, work.IsAhead) = (epoch, 0, 0, true);
        return TimeSpan.Zero;
    }

    /// <summary>Retention has passed the position.</summary>
    private TimeSpan Pass(HandlerWork work, long upTo)
    {
        if (work.Position > 0) LogPassed(work.Handler.Name, upTo - work.Position, work.RunId);
        (work.Position, work.Attempts, work.IsAhead) = (upTo, 0, true);
        return TimeSpan.Zero;
    }

    private static HandlerPlace PlaceOf(HandlerWork work) => new(work.Handler.Name, work.RunId, work.Epoch, work.Position);

    private void LogLost(HandlerWork work)
    {
        work.Term = null;
        LogLost(work.Handler.Name, work.RunId);
    }

    [LoggerMessage(
        LogLevel.Warning, "Handler {Handler} failed at {EventType} {Sequence} of run {Run}, attempt {Attempt}; it is tried again.")]
    private partial void LogFailed(Exception exception, string handler, string eventType, long sequence, Guid run, int attempt);

    [LoggerMessage(
        LogLevel.Error,
        "Handler {Handler} gave up run {Run} at {EventType} {Sequence} after {Attempts} attempts. An administrator can let it go on.")]
    private partial void LogParked(Exception exception, string handler, Guid run, string eventType, long sequence, int attempts);

    [LoggerMessage(LogLevel.Warning, "Handler {Handler} no longer has run {Run}: another server has taken it over.")]
    private partial void LogLost(string handler, Guid run);

    [LoggerMessage(
        LogLevel.Error, "Handler {Handler} was so far behind that {Count} events of run {Run} were trimmed before it came to them.")]
    private partial void LogPassed(string handler, long count, Guid run);

    /// <summary>Nothing more can be done now.</summary>
    private readonly record struct Stop(TimeSpan? ComeAgain);
}
