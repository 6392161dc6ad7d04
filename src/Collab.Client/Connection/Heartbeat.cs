namespace Collab.Client;

/// <summary>Pings over a link: measures round trips, notices a dead connection, and events that were lost without a trace.</summary>
internal sealed class Heartbeat
{
    /// <summary>Between pings while it is waited for what others have seen, at most.</summary>
    private static readonly TimeSpan WhileAwaited = TimeSpan.FromSeconds(2);

    /// <summary>A ping is waited for no longer once the system says that there is no network.</summary>
    private static readonly TimeSpan InDoubt = TimeSpan.FromSeconds(1);

    private readonly HubLink _link;
    private readonly TimeSpan _interval;
    private readonly RunView _view;
    private readonly HealthMeter _health;
    private readonly FlightRecorder _flight;
    private readonly Strand _strand;
    private readonly TimeProvider _time;
    private readonly Action<DateTimeOffset?> _beaten;
    private readonly Alarm _next;
    private readonly Alarm _doubt;
    private bool _isUnderWay;
    private bool _hasStopped;
    private double? _lastRoundTripMs;

    /// <summary>Where the client has stood since a ping that found the run to be further.</summary>
    private (long Last, long ServerLast, long Since)? _behind;

    /// <param name="link">Pinged.</param>
    /// <param name="interval">Between pings.</param>
    /// <param name="view">Where the client stands.</param>
    /// <param name="health">Told round trips and losses.</param>
    /// <param name="flight">Told that the client runs, and that the server was heard.</param>
    /// <param name="strand">The turns.</param>
    /// <param name="time">Measures.</param>
    /// <param name="beaten">Told of each answer, with the server's time of now if it says.</param>
    public Heartbeat(
        HubLink link, TimeSpan interval, RunView view, HealthMeter health, FlightRecorder flight, Strand strand, TimeProvider time,
        Action<DateTimeOffset?> beaten)
    {
        (_link, _interval, _view, _health, _flight, _strand, _time, _beaten) = (link, interval, view, health, flight, strand, time, beaten);
        _next = new Alarm(strand, time, Beat);
        _doubt = new Alarm(strand, time, () => _link.End(new NoAnswerException("Ping was not answered in time.")));
    }

    /// <summary>Pings now, and from then on at the interval.</summary>
    public void Beat()
    {
        if (!_isUnderWay && !_hasStopped) _strand.Begin(PingAsync);
    }

    /// <summary>
    /// Pings now, and believes in the connection only if that is answered soon: a server on this device is there without a network.
    /// </summary>
    public void Doubt()
    {
        Beat();
        if (_isUnderWay) _doubt.Set(InDoubt);
    }

    public void Stop()
    {
        _hasStopped = true;
        _next.Stop();
        _doubt.Stop();
    }

    private async Task PingAsync()
    {
        _isUnderWay = true;
        _next.Set(_view.IsSeenAwaited && _interval > WhileAwaited ? WhileAwaited : _interval);
        var startedAt = _time.GetTimestamp();
        _flight.Ran();
        try
        {
            var seen = _view.Presence.KnowsMarks ? _view.Cursor.Last : (long?)null;
            var (serverTime, serverLast, moved) = await _link.PingAsync(_lastRoundTripMs, seen);
            if (_hasStopped) return;
            _flight.Heard();
            var roundTrip = _time.GetElapsedTime(startedAt);
            _lastRoundTripMs = roundTrip.TotalMilliseconds;
            _health.RoundTrip(roundTrip);
            _view.Presence.Mark(moved);
            CompareWith(serverLast);
            _beaten(serverTime + (roundTrip / 2));
        }
        catch (Exception e) when (e is CollabException or NoAnswerException)
        {
            // A link that is lost tells so itself; a server that has no answer now may have one at the next beat.
        }
        finally
        {
            _isUnderWay = false;
            _doubt.Stop();
        }
    }

    /// <summary>
    /// Events may be on their way for long over a slow link, so being behind says little. A client that has not moved from one ping to the
    /// next, and has still less than the run had at the first, has lost something.
    /// </summary>
    private void CompareWith(long? serverLast)
    {
        var last = _view.Cursor.Last;
        if (serverLast is null) _link.Rejoin();
        else if (serverLast <= last) _behind = null;
        else if (_behind is not { } before || before.Last != last) _behind = (last, serverLast.Value, _time.GetTimestamp());
        // Not where pings follow each other at once, as when the network is back.
        else if (_time.GetElapsedTime(before.Since) >= _interval / 2)
        {
            _behind = null;
            if (_link.Rejoin()) _health.Missed(before.ServerLast - last);
        }
    }
}
