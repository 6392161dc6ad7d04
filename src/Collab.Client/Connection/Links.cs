using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// What carries the run: an attempt at a hub link, the hub link that is live, polls. What they bring goes to the view, what waits to be
/// sent goes over them, and what happens the owner is told. Used from turns only.
/// </summary>
internal sealed class Links : IHubLinkOwner, IHttpLinkOwner
{
    private readonly ILinksOwner _owner;
    private readonly LinkFactory _factory;
    private readonly TokenSource _tokens;
    private readonly RunView _view;
    private readonly HealthMeter _health;
    private readonly FlightRecorder _flight;
    private readonly Outbox _outbox;
    private readonly CursorMoves _cursorMoves;
    private readonly Renewal _renewal;

    /// <summary>The attempt that is under way.</summary>
    private HubLink? _candidate;
    private HubLink? _live;
    private Heartbeat? _heartbeat;
    private HttpLink? _http;
    private bool _hasBeenLive;

    public Links(
        ILinksOwner owner,
        LinkFactory factory,
        TokenSource tokens,
        RunView view,
        HealthMeter health,
        FlightRecorder flight,
        Outbox outbox,
        CursorMoves cursorMoves)
    {
        (_owner, _factory, _tokens, _view, _health, _flight) = (owner, factory, tokens, view, health, flight);
        (_outbox, _cursorMoves) = (outbox, cursorMoves);
        _renewal = factory.NewRenewal(tokens, Renew, owner.RenewalFailed);
    }

    /// <summary>Whether a hub link carries the run.</summary>
    public bool IsLive => _live is not null;

    /// <summary>Whether an attempt is under way.</summary>
    public bool IsTrying => _candidate is not null;

    public long? Position => _view.Position;

    long? IHttpLinkOwner.Seen => _view.Presence.KnowsMarks ? _view.Cursor.Last : null;

    /// <summary>This client alone knows a loss from a planned change, so it tells the server.</summary>
    public int Reconnects => _health.Reconnections + (_hasBeenLive && _live is null ? 1 : 0);

    /// <summary>The run has ended, and there is nothing left to get or to send.</summary>
    public bool IsOver => _view.IsOver && _outbox.QueuedCount == 0;

    /// <summary>Tries the WebSocket, with a new token.</summary>
    public void Try() => Open(_tokens.FreshAsync);

    /// <summary>Polls from now on.</summary>
    public void Poll()
    {
        if (_http is not null) return;
        _flight.Add(ConnectionStep.Polling);
        _http = _factory.NewHttp(this);
        _http.PollNow();
    }

    /// <summary>Pings now, if there is a hub link.</summary>
    public void PingNow() => _heartbeat?.Beat();

    /// <summary>There is said to be no network: what does not answer soon is gone.</summary>
    public void Doubt()
    {
        _heartbeat?.Doubt();
        PollNow();
    }

    /// <summary>Polls now, if it polls.</summary>
    public void PollNow() => _http?.PollNow();

    /// <summary>Ends the live hub link at once, as if it were lost.</summary>
    public void EndLive(Exception reason) => _live?.End(reason);

    /// <summary>What is said from now on can be sent.</summary>
    public void Open() => _outbox.Open();

    /// <summary>Ends everything.</summary>
    /// <param name="error">What readers are told; null: they go on waiting.</param>
    /// <param name="told">What those are told who wait for something to be sent.</param>
    public async Task CloseAsync(CollabException? error, CollabException told)
    {
        HubLink?[] links = [_live, _candidate];
        _candidate = null;
        DropLive();
        DropHttp();
        _outbox.Close(told);
        if (error is not null) _view.End(error);
        await Task.WhenAll(links.OfType<HubLink>().Select(link => link.StopAsync()));
    }

    bool IHubLinkOwner.Joined(HubLink link, RunAnswer answer, long? asked)
    {
        var isWhole = _view.Apply(answer, asked);
        if (isWhole && link == _candidate) Adopt(link);
        else RestIfOver();
        _owner.Changed();
        return isWhole;
    }

    bool IHubLinkOwner.Received(IEnumerable<CollaborationEvent> events)
    {
        _flight.Heard();
        var isWhole = _view.Receive(events);
        // A gap makes it join all the same.
        if (isWhole && _view.TakeQuestion()) _live?.Rejoin();
        RestIfOver();
        _owner.Changed();
        return isWhole;
    }

    void IHubLinkOwner.Told(StateFingerprint fingerprint)
    {
        _view.Expect(fingerprint);
        if (_view.TakeQuestion()) _live?.Rejoin();
        _owner.Changed();
    }

    void IHubLinkOwner.Ended(HubLink link, Exception? reason)
    {
        var wasLive = link == _live;
        if (wasLive) DropLive();
        else _candidate = null;
        _owner.Ended(wasLive, reason);
    }

    bool IHttpLinkOwner.WantsState => _view.WantsState;

    bool IHttpLinkOwner.Polled(HttpLink link, RunAnswer answer, long? asked, TimeSpan roundTrip)
    {
        _health.RoundTrip(roundTrip);
        var isWhole = _view.Apply(answer, asked);
        // An answer that holds but a part of what there is goes on with the next one.
        var isPart = _view.Cursor.Last > (asked ?? 0) && _view.Cursor.Last < answer.LastSequence;
        _owner.Polled();
        Use(link);
        _owner.Changed();
        if (IsOver) _owner.Over();
        return isWhole && !isPart && !(_view.WantsState && answer.State is null);
    }

    void IHttpLinkOwner.PollFailed(Exception reason) => _owner.PollFailed(reason);

    private void Open(Func<CancellationToken, Task<string?>> askToken)
    {
        _candidate = _factory.NewHub(this);
        _candidate.Open(askToken);
    }

    /// <summary>The attempt has become the connection.</summary>
    private void Adopt(HubLink link)
    {
        var isRenewed = IsLive;
        _flight.Connected(isRenewed);
        _live?.Stop();
        _candidate = null;
        DropLive();
        DropHttp();
        _live = link;
        _health.Connected(again: _hasBeenLive && !isRenewed);
        _hasBeenLive = true;
        _tokens.Use(link.Token);
        _outbox.Sender.SendAs(_tokens.UserOf(link.Token));
        _owner.Joined();
        _heartbeat = _factory.NewHeartbeat(link, Beaten);
        if (!_view.IsOver) _heartbeat.Beat();
        Use(link);
        _outbox.Adopt();
        _renewal.Schedule();
        RestIfOver();
    }

    /// <summary>Of a run that has ended nothing can be missed, and a connection to it need not outlive its token.</summary>
    private void RestIfOver()
    {
        if (!_view.IsOver) return;
        _heartbeat?.Stop();
        _renewal.Stop();
    }

    private void DropLive()
    {
        _live = null;
        _heartbeat?.Stop();
        _heartbeat = null;
        _renewal.Stop();
        Use(null);
    }

    private void DropHttp()
    {
        _http?.Stop();
        _http = null;
    }

    private void Use(ICarrier? carrier)
    {
        _outbox.Sender.Use(carrier);
        _cursorMoves.Use(carrier);
    }

    /// <summary>A new token is there before the old one ends: a connection with it takes over.</summary>
    private void Renew(string? token)
    {
        if (IsLive && !IsTrying) Open(_ => Task.FromResult(token));
    }

    private void Beaten(DateTimeOffset? serverTime)
    {
        if (serverTime is { } now)
        {
            _tokens.TellServerTime(now);
            _renewal.Schedule();
        }
        _owner.Changed();
    }
}
