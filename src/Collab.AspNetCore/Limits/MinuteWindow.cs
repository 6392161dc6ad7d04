namespace Collab.AspNetCore.Limits;

/// <summary>
/// Lets so many through in any minute, whichever begins when. It counts by seconds, and a second counts until all of it is a minute ago.
/// </summary>
internal sealed class MinuteWindow(int limit, TimeProvider time)
{
    private const int Seconds = 61;

    private readonly Lock _gate = new();
    private readonly int[] _counts = new int[Seconds];
    private readonly long _startedAt = time.GetTimestamp();
    private long _second;
    private int _sum;

    /// <summary>How many any minute has.</summary>
    public int Limit => limit;

    /// <summary>Takes some, all or none.</summary>
    /// <param name="retryAfter">If there are not so many: when there will be.</param>
    /// <param name="count">How many; no more than <see cref="Limit"/>.</param>
    public bool TryTake(out TimeSpan retryAfter, int count = 1)
    {
        lock (_gate)
        {
            var elapsed = Move();
            retryAfter = TimeSpan.Zero;
            if (_sum + count <= limit)
            {
                Take(count);
                return true;
            }
            retryAfter = FreeAfter(_sum + count - limit) - elapsed;
            return false;
        }
    }

    /// <summary>Takes as many of so many as there are.</summary>
    /// <param name="count">How many are wanted.</param>
    /// <param name="retryAfter">If there are not so many: when there is one more.</param>
    /// <returns>How many were taken.</returns>
    public int TakeUpTo(int count, out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            var elapsed = Move();
            var taken = Math.Min(count, limit - _sum);
            Take(taken);
            retryAfter = taken == count ? TimeSpan.Zero : FreeAfter(1) - elapsed;
            return taken;
        }
    }

    private void Take(int count)
    {
        _counts[_second % Seconds] += count;
        _sum += count;
    }

    /// <summary>When so many that were taken count no longer, from the beginning on.</summary>
    private TimeSpan FreeAfter(int count)
    {
        var second = Math.Max(0, _second - Seconds + 1);
        for (var freed = _counts[second % Seconds]; freed < count; freed += _counts[second % Seconds]) second++;
        return TimeSpan.FromSeconds(second + Seconds);
    }

    private TimeSpan Move()
    {
        var elapsed = time.GetElapsedTime(_startedAt);
        MoveTo((long)elapsed.TotalSeconds);
        return elapsed;
    }

    private void MoveTo(long second)
    {
        for (var left = Math.Min(second - _second, Seconds); left > 0; left--)
        {
            var expired = (second - left + 1) % Seconds;
            _sum -= _counts[expired];
            _counts[expired] = 0;
        }
        _second = Math.Max(_second, second);
    }
}
