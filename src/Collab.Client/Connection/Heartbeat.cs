namespace Collab.Client;

/// <summary>Pings over a link: measures round trips, notices a dead connection, and events that were lost without a trace.</summary>
internal sealed class Heartbeat
{
    private readonly RunParts _parts;
    private readonly HubLink _link;
    private readonly Action<DateTimeOffset> _told;
    private readonly Alarm _next;
    private bool _isUnderWay;
    private bool _hasStopped;
    private double? _lastRoundTripMs;

    /// <summary>Where the client has stood since a ping that found the run to be further.</summary>
    private (long Last, long ServerLast, long Since)? _behind;

    /// <param name="parts">The connection's.</param>
    /// <param name="link">Pinged.</param>
    /// <param name="told">Told the server's time of now.</param>
    public Heartbeat(RunParts parts, HubLink link, Action<DateTimeOffset> told)
    {
        (_parts, _link, _told) = (parts, link, told);
        _next = parts.NewAlarm(Beat);
    }

    /// <summary>Pings now, and from then on at the interval.</summary>
    public void Beat()
    {
        if (!_isUnderWay && !_hasStopped) _parts.Strand.Begin(PingAsync);
    }

    public void Stop()
    {
        _hasStopped = true;
        _next.Stop();
    }

    private async Task PingAsync()
    {
        _isUnderWay = true;
        _next.Set(_parts.Options.PingInterval);
        var startedAt = _parts.Time.GetTimestamp();
        try
        {
            var (serverTime, serverLast) = await _link.PingAsync(_lastRoundTripMs);
            if (_hasStopped) return;
            var roundTrip = _parts.Time.GetElapsedTime(startedAt);
            _lastRoundTripMs = roundTrip.TotalMilliseconds;
            _parts.Health.RoundTrip(roundTrip);
            if (serverTime is { } then) _told(then + (roundTrip / 2));
            CompareWith(serverLast);
            _parts.Changed();
        }
        catch (Exception e) when (e is CollabException or NoAnswerException)
        {
            // A link that is lost tells so itself; a server that has no answer now may have one at the next beat.
        }
        finally
        {
            _isUnderWay = false;
        }
    }

    /// <summary>
    /// Events may be on their way for long over a slow link, so being behind says little. Whoever has not moved from one ping to the next, and has still less
    /// than the run had at the first, has lost something.
    /// </summary>
    private void CompareWith(long? serverLast)
    {
        var last = _parts.View.Cursor.Last;
        if (serverLast is null) _link.Rejoin();
        else if (serverLast <= last) _behind = null;
        else if (_behind is not { } before || before.Last != last) _behind = (last, serverLast.Value, _parts.Time.GetTimestamp());
        // Not where pings follow each other at once, as when the network is back.
        else if (_parts.Time.GetElapsedTime(before.Since) >= _parts.Options.PingInterval / 2)
        {
            _behind = null;
            if (_link.Rejoin()) _parts.Health.Missed(before.ServerLast - last);
        }
    }
}
