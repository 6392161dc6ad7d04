namespace Collab.Client;

/// <summary>One thing that will happen later, in a turn of the strand; setting it again puts it off. Used from turns only.</summary>
internal sealed class Alarm(Strand strand, TimeProvider time, Action action)
{
    /// <summary>Timers cannot wait for months; nor should a client, whatever a server asks for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(20);

    private ITimer? _timer;
    private object? _ring;

    public bool IsSet => _ring is not null;

    /// <param name="delay">Up to 20 days; what is longer counts as that.</param>
    public void Set(TimeSpan delay)
    {
        Stop();
        var wait = TimeSpan.FromTicks(Math.Clamp(delay.Ticks, 0, LongestWait.Ticks));
        var ring = _ring = new object();
        _timer = time.CreateTimer(_ => strand.Post(() => Ring(ring)), null, wait, Timeout.InfiniteTimeSpan);
    }

    public void Stop()
    {
        _ring = null;
        _timer?.Dispose();
        _timer = null;
    }

    private void Ring(object ring)
    {
        // It may have been stopped, or set again, after it rang and before its turn.
        if (!ReferenceEquals(ring, _ring)) return;
        Stop();
        action();
    }
}
