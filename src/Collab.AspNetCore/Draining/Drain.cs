using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Draining;

/// <summary>
/// Sends this server's connections elsewhere. It is unready first, and goes on as before while that gets about; then it lets nothing new
/// in, and tells connections, streams and polls that wait to go, some every second, so that the other servers are not overrun. What they
/// publish until then is taken.
/// </summary>
internal sealed partial class Drain
{
    private readonly Lock _gate = new();
    private readonly ConnectionMonitor _monitor;
    private readonly Feeds _feeds;
    private readonly DrainPlan _plan;
    private readonly IDrainSink[] _sinks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile DrainState _state;
    private DrainRound? _round;
    private bool _isStopping;

    public Drain(
        ConnectionMonitor monitor, Feeds feeds, DrainPlan plan, IEnumerable<IDrainSink> sinks, TimeProvider time, ILogger<Drain> logger)
    {
        (_monitor, _feeds, _plan, _sinks, _time, _logger) = (monitor, feeds, plan, [.. sinks], time, logger);
        monitor.Metrics.ObserveDrain(() => State != DrainState.Serving);
    }

    public DrainState State => _state;

    /// <summary>Those that have not been told to go.</summary>
    private IEnumerable<ConnectionRecord> Open => _monitor.Open.Where(record => record.Ending is null);

    /// <summary>Begins, unless it has begun.</summary>
    /// <returns>Completes when all were told to go, or it was taken back.</returns>
    public Task Begin()
    {
        lock (_gate) return BeginRound(_plan).Done;
    }

    /// <summary>Serves again. Who was told to go is gone.</summary>
    /// <returns>False: the server ends, and that cannot be taken back.</returns>
    public bool TryTakeBack()
    {
        lock (_gate)
        {
            if (_isStopping) return false;
            if (_round is null) return true;
            _round.TakeBack();
            _round = null;
            _monitor.Entrance.Open();
            Enter(DrainState.Serving);
        }
        LogTakenBack();
        return true;
    }

    /// <summary>The server ends: as <see cref="Begin"/>, and for good.</summary>
    /// <param name="within">How long it may take, also if it has begun before.</param>
    /// <returns>Completes when all were told to go.</returns>
    public Task StopAsync(TimeSpan within)
    {
        lock (_gate)
        {
            var plan = _plan.Within(within);
            var round = BeginRound(plan);
            if (!_isStopping) round.Shorten(plan);
            _isStopping = true;
            return round.Done;
        }
    }

    /// <summary>The server ends sooner than was thought: nothing is waited for any more.</summary>
    public void Hurry()
    {
        lock (_gate) _round?.Hurry();
    }

    /// <param name="queued">How many events wait for their commit.</param>
    public DrainStatus Status(int queued)
    {
        lock (_gate)
        {
            return new(
                _state, _isStopping, Open.Count(), _round?.Told ?? 0, queued,
                _round?.StartedAt.ToUnixTimeMilliseconds(), _state == DrainState.Drained ? null : _round?.EndsAt.ToUnixTimeMilliseconds());
        }
    }

    private DrainRound BeginRound(DrainPlan plan)
    {
        if (_round is { } begun) return begun;
        var round = _round = new(_time, plan);
        Enter(DrainState.Waiting);
        LogBegun(plan.Delay.TotalSeconds, Open.Count(), plan.Over.TotalSeconds);
        // Not within the lock, and not on the caller's time.
        round.Done = Task.Run(() => RunAsync(round), CancellationToken.None);
        return round;
    }

    private async Task RunAsync(DrainRound round)
    {
        for (var delay = round.Delay; delay > TimeSpan.Zero && IsInUse() && !round.IsTakenBack; delay = round.Delay)
            await round.PauseAsync(delay);
        if (!TryMove(round, DrainState.Closing)) return;
        while (TellSome(round)) await round.PauseAsync();
        if (TryMove(round, DrainState.Drained)) LogDone(round.Told, _time.GetElapsedTime(round.Began).TotalSeconds);
    }

    /// <summary>Whether anybody would notice: who is connected, or polls.</summary>
    private bool IsInUse() => Open.Any() || _feeds.Live.Any(feed => feed.ActiveUsers.Count > 0);

    private bool TryMove(DrainRound round, DrainState to)
    {
        lock (_gate)
        {
            if (round.IsTakenBack) return false;
            _monitor.Entrance.Close(Ending.Shutdown);
            Enter(to);
            return true;
        }
    }

    /// <returns>Whether there are more.</returns>
    private bool TellSome(DrainRound round)
    {
        List<ConnectionRecord> open = [.. Open];
        var share = round.Share(open.Count);
        foreach (var record in open.Take(share))
        {
            if (round.IsTakenBack) return false;
            record.End(Ending.Shutdown);
            round.Told++;
        }
        return open.Count > share;
    }

    private void Enter(DrainState state)
    {
        _state = state;
        foreach (var sink in _sinks) sink.DrainChanged(state);
    }

    [LoggerMessage(
        LogLevel.Information,
        "Draining: not ready from now on. In {Delay:0.#} s {Count} connections, streams and waiting polls are told to go, "
        + "over {Over:0.#} s.")]
    private partial void LogBegun(double delay, int count, double over);

    [LoggerMessage(LogLevel.Information, "Drained: {Count} connections, streams and waiting polls were told to go, after {Seconds:0.0} s.")]
    private partial void LogDone(int count, double seconds);

    [LoggerMessage(LogLevel.Information, "The drain was taken back: ready again.")]
    private partial void LogTakenBack();
}
