namespace Collab.AspNetCore.Limits;

/// <summary>
/// Lets <paramref name="perSecond"/> through on average and <paramref name="capacity"/> at once. The framework's TokenBucketRateLimiter
/// reads the system's clock alone, fills up in whole periods, and only when it is told to or by a timer of its own; this one is arithmetic
/// on a timestamp.
/// </summary>
internal sealed class TokenBucket(double perSecond, double capacity, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly double _capacity = capacity;
    private double _tokens = capacity;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes one token.</summary>
    /// <param name="retryAfter">If there is none: when there will be.</param>
    public bool TryTake(out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(_capacity, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
            _filledAt = now;
            var taken = _tokens >= 1;
            if (taken) _tokens--;
            retryAfter = taken ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / perSecond);
            return taken;
        }
    }
}
