namespace Collab.AspNetCore.Handlers;

/// <summary>
/// A run that a handler has something to do for on this server. One thread at a time works on it; a signal meanwhile lets it come again.
/// </summary>
internal sealed class HandlerWork(Handler handler, Guid runId)
{
    private readonly Lock _gate = new();
    private Stage _stage;
    private ITimer? _timer;

    private enum Stage
    {
        Idle,
        Queued,
        Running,
        RunningAgain,
        Gone,
    }

    public Handler Handler => handler;

    public Guid RunId => runId;

    // What follows belongs to the thread that works on it.

    /// <summary>The lease under which the run is ours; null: it is not.</summary>
    public HandlerLease.Term? Term { get; set; }

    public Guid Epoch { get; set; }

    public long Position { get; set; }

    /// <summary>Whether the store does not have <see cref="Position"/> yet: events of no interest were passed.</summary>
    public bool IsAhead { get; set; }

    /// <summary>How often the next event has failed.</summary>
    public int Attempts { get; set; }

    /// <summary>When there was last something to handle, a timestamp of the server's clock.</summary>
    public long BusyAt { get; set; }

    /// <summary>The next event is not tried before this timestamp of the server's clock.</summary>
    public long RetryAt { get; set; }

    /// <summary>There is something to do, or to look for.</summary>
    /// <param name="mustQueue">Whether it must be queued for that.</param>
    /// <returns>False: it was put away, and another must take its place.</returns>
    public bool TrySignal(out bool mustQueue)
    {
        lock (_gate)
        {
            mustQueue = _stage == Stage.Idle;
            if (mustQueue) _stage = Stage.Queued;
            else if (_stage == Stage.Running) _stage = Stage.RunningAgain;
            return _stage != Stage.Gone;
        }
    }

    public void Begin()
    {
        lock (_gate) _stage = Stage.Running;
    }

    /// <summary>The thread is done with it for now.</summary>
    /// <param name="comeAgain">When to come again: at once, later, or, if it is null, never: then it is put away.</param>
    /// <param name="signal">Signals it.</param>
    /// <returns>What becomes of it.</returns>
    public Next End(TimeSpan? comeAgain, Func<HandlerWork, ITimer> signal)
    {
        lock (_gate)
        {
            if (_stage == Stage.RunningAgain || comeAgain == TimeSpan.Zero)
            {
                _stage = Stage.Queued;
                return Next.Queue;
            }
            _stage = comeAgain is null ? Stage.Gone : Stage.Idle;
            if (comeAgain is { } wait) (_timer ??= signal(this)).Change(wait, Timeout.InfiniteTimeSpan);
            else _timer?.Dispose();
            return comeAgain is null ? Next.PutAway : Next.Wait;
        }
    }
}

/// <summary>What becomes of work that a thread is done with.</summary>
internal enum Next
{
    Queue,
    Wait,
    PutAway,
}
