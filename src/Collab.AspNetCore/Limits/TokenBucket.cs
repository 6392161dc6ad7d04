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
    private readonly double _perSecond = perSecond;
    private double _tokens = capacity;
    private long _filledAt = time.GetTimestamp();

    /// <summary>How many tokens there can be.</summary>
    public int Capacity => (int)_capacity;

    /// <summary>Takes tokens, all or none.</summary>
    /// <param name="retryAfter">If there are not so many: when there will be.</param>
    /// <param name="count">How many.</param>
    public bool TryTake(out TimeSpan retryAfter, int count = 1)
    {
        lock (_gate)
        {
            Fill();
            var taken = _tokens >= count;
            if (taken) _tokens -= count;
            retryAfter = taken ? TimeSpan.Zero : TimeSpan.FromSeconds((count - _tokens) / _perSecond);
            return taken;
        }
    }

    /// <summary>Takes as many of so many tokens as there are.</summary>
    /// <param name="count">How many are wanted.</param>
    /// <param name="retryAfter">If there are not so many: when the others are there, or as many of them as come in a second.</param>
    /// <returns>How many were taken.</returns>
    public int TakeUpTo(int count, out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            Fill();
            var taken = Math.Min(count, (int)_tokens);
            _tokens -= taken;
            var next = Math.Max(1, Math.Min(count - taken, Math.Min(_perSecond, _capacity)));
            retryAfter = taken == count ? TimeSpan.Zero : TimeSpan.FromSeconds((next - _tokens) / _perSecond);
            return taken;
        }
    }

    /// <summary>Gives tokens back that were taken in vain.</summary>
    public void GiveBack(int count)
    {
        lock (_gate) _tokens = Math.Min(_capacity, _tokens + count);
    }

    private void Fill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(_capacity, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond);
        _filledAt = now;
    }
}
