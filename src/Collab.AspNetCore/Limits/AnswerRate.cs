namespace Collab.AspNetCore.Limits;

/// <summary>
/// So many answers a second over the whole server, for what needs no token: there is no user whose limit would hold. A request past it is
/// held for a moment, so that a client that asks in a loop is slowed by its own wait, and refusals do not become the load. Only so many are
/// held.
/// </summary>
/// <param name="perSecond">How many a second on average; 0: no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerRate(double perSecond, TimeProvider time)
{
    /// <summary>How many seconds' worth may be answered at once after a pause.</summary>
    public const int BurstSeconds = 2;

    /// <summary>How many requests are held at a time.</summary>
    public const int MaxHeld = 1000;

    /// <summary>For how long a request is held. A probe that allows for one second has most of it left.</summary>
    public static readonly TimeSpan HeldFor = TimeSpan.FromMilliseconds(250);

    private readonly TokenBucket? _bucket = perSecond > 0 ? new(perSecond, perSecond * BurstSeconds, time) : null;
    private int _held;

    /// <summary>How many requests are held now.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Takes an answer: at once, or after a moment if there is one by then.</summary>
    /// <exception cref="OperationCanceledException">The client left while it was held.</exception>
    public ValueTask<Turn> TakeAsync(CancellationToken cancellationToken)
    {
        if (_bucket is null || _bucket.TryTake(out var retryAfter)) return new(Turn.Now);
        if (Interlocked.Increment(ref _held) <= MaxHeld) return new(HoldAsync(_bucket, cancellationToken));
        Interlocked.Decrement(ref _held);
        return new(new Turn(retryAfter, WasHeld: false));
    }

    private async Task<Turn> HoldAsync(TokenBucket bucket, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(HeldFor, time, cancellationToken);
            return bucket.TryTake(out var retryAfter) ? Turn.Now : new(retryAfter, WasHeld: true);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    /// <summary>What has become of a request.</summary>
    /// <param name="RetryAfter">Null: it is answered. Else there was no answer left, and will be then.</param>
    /// <param name="WasHeld">False: it was answered at once, or too many were held already.</param>
    public readonly record struct Turn(TimeSpan? RetryAfter, bool WasHeld)
    {
        public static Turn Now => default;
    }
}
