namespace Collab.Client;

/// <summary>One thing that will happen later, in a turn of the strand; setting it again puts it off. Used from turns only.</summary>
internal sealed class Alarm(Strand strand, TimeProvider time, Action action)
{
    private ITimer? _timer;
    private object? _ring;

    public bool IsSet => _ring is not null;

    public void Set(TimeSpan delay)
    {
        Stop();
        var ring = _ring = new object();
        _timer = time.CreateTimer(_ => strand.Post(() => Ring(ring)), null, delay < TimeSpan.Zero ? TimeSpan.Zero : delay, Timeout.InfiniteTimeSpan);
    }

    public void Stop()
    {
        _ring = null;
        _timer?.Dispose();
        _timer = null;
    }

    private void Ring(object ring)
    {
        // It may have been stopped, or set anew, after it rang and before its turn.
        if (!ReferenceEquals(ring, _ring)) return;
        Stop();
        action();
    }
}
