namespace Collab.AspNetCore.Limits;

/// <summary>
/// How fast one connection is refused. A refusal costs the server more than a call that is taken, and what is refused has no other limit: a
/// client that goes on all the same waits for each of its answers, and is read no faster than it gets them.
/// </summary>
internal sealed class RefusalPace(TimeProvider time)
{
    private const int PerSecond = 100;

    /// <summary>So many are refused at once, as to an honest client that has sent too much.</summary>
    private const int AtOnce = 1000;

    private readonly Lock _gate = new();
    private readonly long _interval = time.TimestampFrequency / PerSecond;
    private long _next;

    /// <summary>Waits until one more may be told, or the connection ends.</summary>
    public Task WaitAsync(CancellationToken ended)
    {
        var wait = Next();
        return wait == TimeSpan.Zero ? Task.CompletedTask : DelayAsync(wait, ended);
    }

    private async Task DelayAsync(TimeSpan wait, CancellationToken ended) =>
        await Task.Delay(wait, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>One more refusal: how long it has to wait.</summary>
    public TimeSpan Next()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _next = Math.Max(_next, now - (AtOnce * _interval)) + _interval;
            return _next > now ? time.GetElapsedTime(now, _next) : TimeSpan.Zero;
        }
    }
}
