namespace Collab.ClientTests.Kit;

/// <summary>A clock that stands still until it is told to go on. What falls due on the way happens at its time, and all that follows from it before the next.</summary>
/// <param name="pump">Settled in between.</param>
/// <param name="elapsed">Time that has passed already.</param>
internal sealed class SteppedTime(Pump pump, TimeSpan elapsed = default) : TimeProvider
{
    private static readonly DateTimeOffset StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_000);

    private readonly List<Timer> _running = [];

    public TimeSpan Elapsed { get; private set; } = elapsed;

    /// <summary>How many timers run.</summary>
    public int Running => _running.Count;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => StartedAt + Elapsed;

    public void Advance(TimeSpan by)
    {
        var until = Elapsed + by;
        pump.Settle();
        while (_running.Where(timer => timer.DueAt <= until).MinBy(timer => timer.DueAt) is { } due)
        {
            if (due.DueAt > Elapsed) Elapsed = due.DueAt;
            _running.Remove(due);
            due.Fire();
            pump.Settle();
        }
        Elapsed = until;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert(period);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private static void Assert(TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan) throw new NotSupportedException("No test needs a periodic timer yet.");
    }

    private sealed class Timer(SteppedTime time, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan DueAt { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time._running.Remove(this);
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            DueAt = time.Elapsed + dueTime;
            time._running.Add(this);
            return true;
        }

        public void Dispose() => time._running.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
