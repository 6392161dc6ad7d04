using System.Diagnostics;
using Collab.Cli.Options;
using Collab.Cli.Server;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Publish;

/// <summary>
/// Publishes lines in their order, one batch after the other, as large as the server has room for. What is not answered is sent again under
/// the same ids, so that it is stored once.
/// </summary>
internal sealed class FilePublisher
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Target _target;
    private readonly Guid _run;
    private readonly IReadOnlyList<EventLine> _lines;
    private readonly FileProgress _progress;
    private readonly Action<PublishAck> _acknowledged;
    private int _most = MostAtOnce;
    private int _failures;
    private bool _wasUnauthorized;
    private long _giveUpAt;

    /// <param name="target">The server, and how long to go on without hearing of it.</param>
    /// <param name="run">Where the events go.</param>
    /// <param name="lines">What to publish.</param>
    /// <param name="progress">Told how it goes.</param>
    /// <param name="acknowledged">Told of each event that is stored.</param>
    public FilePublisher(
        Target target, Guid run, IReadOnlyList<EventLine> lines, FileProgress progress, Action<PublishAck> acknowledged)
    {
        (_target, _run, _lines, _progress, _acknowledged) = (target, run, lines, progress, acknowledged);
        BePatient();
    }

    /// <summary>How many lines are behind it; the next one is the first to be sent again.</summary>
    public int Position { get; private set; }

    /// <summary>Publishes them all.</summary>
    /// <exception cref="CollabException">The server refused one.</exception>
    /// <exception cref="NotInTimeException">Nothing came of it for too long.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var client = _target.NewClient();
        while (Position < _lines.Count)
        {
            var pause = await SendAsync(client, NextBatch(), stop);
            if (pause > TimeSpan.Zero) await Task.Delay(pause, stop);
        }
    }

    private EventLine[] NextBatch()
    {
        var bytes = 0;
        return [.. _lines.Skip(Position).Take(_most).TakeWhile((line, i) => (bytes += line.Bytes + 1) <= EventLine.MaxBytes || i == 0)];
    }

    /// <returns>How long to wait before the next batch.</returns>
    private async Task<TimeSpan> SendAsync(CollabClient client, EventLine[] batch, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(TimeFor(batch));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            var results = await client.PublishBatchAsync(_run, [.. batch.Select(line => line.Request)], cancellationToken: end.Token);
            _wasUnauthorized = false;
            return Answered(batch, results);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Pause("the server does not answer");
        }
        catch (HttpRequestException e)
        {
            return Pause($"the server could not be asked: {LastFailure.Innermost(e).Message.TrimEnd('.')}");
        }
        catch (CollabException e) when (e.Code == CollabErrorCode.Unauthorized && !_wasUnauthorized)
        {
            // The token may have been too old; the next one is asked for.
            _wasUnauthorized = true;
            return TimeSpan.Zero;
        }
        catch (CollabException e)
        {
            return RefusedAsOne(batch, e);
        }
    }

    /// <exception cref="NotInTimeException">Its time is up.</exception>
    private TimeSpan TimeFor(EventLine[] batch)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _giveUpAt);
        if (left > TimeSpan.Zero) return left < LongestAnswer ? left : LongestAnswer;
        throw new NotInTimeException(
            $"The server at {_target.Server} has not acknowledged line {batch[0].Number} within {Duration.Text(_target.Timeout)}"
            + $"{(_progress.WaitsFor is { } reason ? $": {reason}" : "")}.");
    }

    /// <summary>Takes each answer in its turn, up to a refusal for the moment: what is behind that was not taken.</summary>
    private TimeSpan Answered(EventLine[] batch, IReadOnlyList<PublishResult> results)
    {
        var end = results.TakeWhile(result => Refusal(result) is not { IsRetryable: true }).Count();
        var refused = -1;
        for (var i = 0; i < end; i++)
        {
            if (results[i].Ack is { } ack) Acknowledge(ack);
            else if (refused < 0) refused = i;
        }
        Position += refused < 0 ? end : refused;
        if (refused >= 0) throw OfLine(batch[refused], Refusal(results[refused])!);
        _most = end == batch.Length ? Math.Min(MostAtOnce, 2 * _most) : Math.Max(1, end);
        if (end > 0) BePatient();
        if (end < batch.Length) return Pause(Refusal(results[end])!);
        _progress.GoesOn();
        return TimeSpan.Zero;
    }

    private TimeSpan RefusedAsOne(EventLine[] batch, CollabException refusal)
    {
        if (refusal.IsRetryable) return Pause(refusal);
        if (batch.Length == 1) throw OfLine(batch[0], refusal);
        if (refusal.Code is not (CollabErrorCode.InvalidEvent or CollabErrorCode.PayloadTooLarge)) throw refusal;
        // Alone, each is refused for what it is.
        _most = 1;
        return TimeSpan.Zero;
    }

    private void Acknowledge(PublishAck ack)
    {
        _progress.Add();
        _acknowledged(ack);
    }

    /// <summary>It is got on with: from now on there is all the time again.</summary>
    private void BePatient(TimeSpan waits = default)
    {
        _failures = 0;
        _giveUpAt = Stopwatch.GetTimestamp() + (long)((_target.Timeout + waits).TotalSeconds * Stopwatch.Frequency);
    }

    private TimeSpan Pause(CollabException refusal)
    {
        var pause = Pause($"{refusal.CodeText}: {refusal.Message.TrimEnd('.')}", refusal.RetryAfter);
        // A server that says when to come back is there, however long that is.
        if (refusal.Code == CollabErrorCode.RateLimited) BePatient(pause);
        return pause;
    }

    private TimeSpan Pause(string why, TimeSpan? asked = null)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 10));
        if (pause > LongestPause) pause = LongestPause;
        if (asked > FirstPause) pause = asked.Value;
        _progress.Waits(pause, why);
        return pause;
    }

    private static CollabException OfLine(EventLine line, CollabException refusal) =>
        refusal.Code is { } code ? new(code, $"Line {line.Number}: {refusal.Message}") : refusal;

    private static CollabException? Refusal(PublishResult result) => result.Error is { } error ? CollabException.Of(error) : null;
}
