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

    /// <summary>Takes one.</summary>
    /// <param name="retryAfter">If there is none: when there will be.</param>
    public bool TryTake(out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            var elapsed = time.GetElapsedTime(_startedAt);
            MoveTo((long)elapsed.TotalSeconds);
            retryAfter = TimeSpan.Zero;
            if (_sum < limit)
            {
                _counts[_second % Seconds]++;
                _sum++;
                return true;
            }
            var oldest = Math.Max(0, _second - Seconds + 1);
            while (_counts[oldest % Seconds] == 0) oldest++;
            retryAfter = TimeSpan.FromSeconds(oldest + Seconds) - elapsed;
            return false;
        }
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
