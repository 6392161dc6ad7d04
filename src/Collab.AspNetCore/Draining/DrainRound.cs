using System.Diagnostics.CodeAnalysis;

namespace Collab.AspNetCore.Draining;

/// <summary>
/// One drain, from its beginning until it is over or taken back: its times and counts. What changes them holds <see cref="Drain"/>'s lock,
/// but for its own loop, which counts.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="plan">How long it takes.</param>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A source without a timer or a linked token holds nothing.")]
internal sealed class DrainRound(TimeProvider time, DrainPlan plan)
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _hurry = new();

    /// <summary>A timestamp of the clock.</summary>
    private long _closeFrom = In(time, plan.Delay);
    private long _endAt = In(time, plan.Total);

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public long Began { get; } = time.GetTimestamp();

    /// <summary>When the last connection is told to go, at the latest.</summary>
    public DateTimeOffset EndsAt => time.GetUtcNow() + LeftUntil(_endAt);

    /// <summary>How many connections were told to go.</summary>
    public int Told { get; set; }

    public Task Done { get; set; } = Task.CompletedTask;

    public bool IsTakenBack { get; private set; }

    /// <summary>How long no client is told to go yet.</summary>
    public TimeSpan Delay => LeftUntil(_closeFrom);

    /// <summary>It takes no longer than a plan that begins now.</summary>
    public void Shorten(DrainPlan other)
    {
        _closeFrom = Math.Min(_closeFrom, In(time, other.Delay));
        _endAt = Math.Min(_endAt, In(time, other.Total));
    }

    /// <summary>Nothing is waited for any more.</summary>
    public void Hurry()
    {
        Shorten(new(TimeSpan.Zero, TimeSpan.Zero));
        _hurry.Cancel();
    }

    public void TakeBack()
    {
        IsTakenBack = true;
        _hurry.Cancel();
    }

    /// <summary>How many of those that are open are told to go now, if as many are every second until the end.</summary>
    public int Share(int open)
    {
        var slices = Math.Max(1, (int)Math.Ceiling(LeftUntil(_endAt) / Slice));
        return (open + slices - 1) / slices;
    }

    /// <summary>Waits for the next second, or less.</summary>
    public async Task PauseAsync(TimeSpan atMost) =>
        await Task.Delay(atMost < Slice ? atMost : Slice, time, _hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task PauseAsync() => PauseAsync(Slice);

    private TimeSpan LeftUntil(long at) =>
        time.GetTimestamp() is var now && at > now ? time.GetElapsedTime(now, at) : TimeSpan.Zero;

    private static long In(TimeProvider time, TimeSpan span) => time.GetTimestamp() + time.TicksOf(span);
}
