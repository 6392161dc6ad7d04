using Collab.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Collab.UnitTests.Kit;

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class ManualTime() : FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50))
{
    private TimeSpan _wallClockIsBack;

    /// <summary>Each wait is over at once: the clock jumps to its end.</summary>
    public bool SkipsWaits { get; init; }

    /// <summary>Each timer's first wait: a loop in the background has begun when its timer is here.</summary>
    public Arrivals<TimeSpan> Timers { get; } = new();

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - _wallClockIsBack;

    // The base's is what GetUtcNow says.
    public override long GetTimestamp() => base.GetTimestamp() + _wallClockIsBack.Ticks;

    /// <summary>The clock that people read is set back; the monotonic one goes on.</summary>
    public void SetWallClockBack(TimeSpan by) => _wallClockIsBack += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Timers.Add(dueTime);
        // Not here and now: the one that waits does not have its timer yet.
        if (SkipsWaits && dueTime != Timeout.InfiniteTimeSpan) ThreadPool.UnsafeQueueUserWorkItem(_ => Advance(dueTime), null);
        return timer;
    }
}
