namespace Collab.Client;

/// <summary>Pings over a link: measures round trips, notices a dead connection, and events that were lost without a trace.</summary>
internal sealed class Heartbeat
{
    /// <summary>How long events may be on their way after a ping said that they exist.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly RunParts _parts;
    private readonly HubLink _link;
    private readonly Alarm _next;
    private readonly Alarm _grace;
    private bool _isUnderWay;
    private bool _hasStopped;
    private double? _lastRoundTripMs;
    private long _serverLast;

    public Heartbeat(RunParts parts, HubLink link)
    {
        (_parts, _link) = (parts, link);
        _next = parts.NewAlarm(Beat);
        _grace = parts.NewAlarm(Compare);
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
        _grace.Stop();
    }

    private async Task PingAsync()
    {
        _isUnderWay = true;
        _next.Set(_parts.Options.PingInterval);
        var startedAt = _parts.Time.GetTimestamp();
        try
        {
            var serverLast = await _link.PingAsync(_lastRoundTripMs);
            if (_hasStopped) return;
            var roundTrip = _parts.Time.GetElapsedTime(startedAt);
            _lastRoundTripMs = roundTrip.TotalMilliseconds;
            _parts.Health.RoundTrip(roundTrip);
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

    private void CompareWith(long? serverLast)
    {
        if (serverLast is not { } last)
        {
            _link.Rejoin();
        }
        else if (last > _parts.View.Cursor.Last)
        {
            _serverLast = last;
            _grace.Set(Grace);
        }
    }

    /// <summary>Whoever is still behind what the server had a while ago has lost something.</summary>
    private void Compare()
    {
        var missing = _serverLast - _parts.View.Cursor.Last;
        if (missing <= 0) return;
        _parts.Health.Missed(missing);
        _link.Rejoin();
        _parts.Changed();
    }
}
