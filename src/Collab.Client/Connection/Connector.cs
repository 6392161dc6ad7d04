using Collab.Protocol;

namespace Collab.Client;

/// <summary>Decides which transport carries the run, and when the WebSocket is tried. Used from turns only.</summary>
internal sealed class Connector
{
    /// <summary>A connection that ends sooner does not count as one that worked.</summary>
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(5);

    /// <summary>Between attempts while the system believes that there is no network, at least.</summary>
    private static readonly TimeSpan OfflineRetry = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CursorInterval = TimeSpan.FromMilliseconds(50);

    private readonly RunParts _parts;
    private readonly Alarm _retry;
    private readonly Renewal _renewal;

    /// <summary>The attempt that is under way.</summary>
    private HubLink? _candidate;
    private HubLink? _live;
    private long _liveSince;
    private Heartbeat? _heartbeat;
    private HttpLink? _http;
    private IDisposable? _network;
    private bool _hasBeenLive;

    /// <summary>Attempts that failed since a connection last worked.</summary>
    private int _failures;

    /// <summary>Tokens that were refused since one was taken.</summary>
    private int _refusedTokens;

    public Connector(RunParts parts)
    {
        _parts = parts;
        _retry = parts.NewAlarm(Attempt);
        _renewal = new Renewal(parts, Renew);
    }

    /// <summary>How often this client has come back if the next connection succeeds. It alone knows a loss from a planned change, so it tells the server.</summary>
    public int Reconnects => _parts.Health.Reconnections + (_hasBeenLive && _live is null ? 1 : 0);

    public ConnectionState State { get; private set; } = new ConnectionState.Idle();

    /// <summary>Why the server ended the connection last.</summary>
    public ConnectionEnding? Reason { get; private set; }

    public void Connect()
    {
        if (State is not (ConnectionState.Idle or ConnectionState.Closed)) return;
        (_failures, _refusedTokens) = (0, 0);
        Reason = null;
        Signal(new Signal.Connect());
        _parts.Metrics.Opened();
        _parts.Outbox.Open();
        _network = _parts.Network.Watch(() => _parts.Strand.Post(NetworkChanged));
        Attempt();
    }

    /// <summary>Whatever is waited for is tried now.</summary>
    public void RetryNow()
    {
        if (State is ConnectionState.Closed) return;
        _heartbeat?.Beat();
        _http?.PollNow();
        if (_retry.IsSet) Attempt();
    }

    /// <summary>Ends everything.</summary>
    /// <param name="error">Why the server will not have this client; null if the application ends it.</param>
    /// <param name="told">What those are told who wait for something to be sent.</param>
    public async Task CloseAsync(CollabException? error, CollabException told)
    {
        if (State is ConnectionState.Closed) return;
        var wasOpen = State is not ConnectionState.Idle;
        HubLink?[] links = [_live, _candidate];
        Signal(new Signal.Close(error));
        if (error is not null) _parts.Logger.RefusedForGood(_parts.RunId, error.CodeText);
        _network?.Dispose();
        _retry.Stop();
        _candidate = null;
        DropLive();
        DropHttp();
        _parts.Outbox.Close(told);
        if (error is not null) _parts.View.End(error);
        if (wasOpen) _parts.Metrics.Closed();
        await Task.WhenAll(links.OfType<HubLink>().Select(link => link.StopAsync()));
    }

    /// <summary>The server does not take the token: a connection with a new one may fare better.</summary>
    public void TokenRefused()
    {
        _parts.Tokens.Forget();
        _http?.PollNow();
        if (_live is not { } live) return;
        live.End(new NoAnswerException("The token was refused."));
        RetryNow();
    }

    /// <summary>The connection or the requests of now work with another token than before.</summary>
    public void TokenInUse()
    {
        _parts.Outbox.ForgetRight();
        // A live connection goes on with its own token, whatever else asks something over HTTP.
        if (_live is null) _parts.Outbox.SendAs(_parts.Tokens.UserInUse);
    }

    /// <summary>A hub link joined the run. False: join again, from the new position.</summary>
    public bool Joined(HubLink link, RunAnswer answer, long? asked)
    {
        var isWhole = _parts.View.Apply(answer, asked);
        if (isWhole && link == _candidate) Adopt(link);
        _parts.Changed();
        return isWhole;
    }

    /// <summary>Events came over a hub link. False: some before them are missing, join again.</summary>
    public bool Received(IEnumerable<CollaborationEvent> events)
    {
        var isWhole = _parts.View.Receive(events);
        _parts.Changed();
        return isWhole;
    }

    /// <summary>A hub link was lost or never came to be. Told once.</summary>
    public void Ended(HubLink link, Exception? reason)
    {
        var wasLive = link == _live;
        _parts.Logger.LinkEnded(reason, _parts.RunId);
        _parts.Metrics.AttemptFailed();
        if (wasLive) DropLive();
        else _candidate = null;
        // An attempt to renew the token that failed costs nothing: the connection goes on until the server ends it.
        if (_live is not null) return;
        var refusal = Refusal.OfHub(reason);
        if (reason is EndedByServerException ended)
        {
            Reason = new(ended.Code, ended.Message, _parts.Time.GetUtcNow());
            if (ended is { Code: EndingCode.Revoked, AllowReconnect: false }) refusal = new(CollabErrorCode.Forbidden, ended.Message);
        }
        if (IsOver(refusal)) return;

        _failures = wasLive && _parts.Time.GetElapsedTime(_liveSince) >= Stable ? 0 : _failures + 1;
        var isTokenOld = refusal?.Code == CollabErrorCode.Unauthorized || (_failures == 0 && reason is EndedByServerException { Code: EndingCode.Expired });
        WaitForRetry(atOnce: isTokenOld);
    }

    /// <summary>A poll was answered and applied.</summary>
    public void Polled(HttpLink link)
    {
        _refusedTokens = 0;
        _parts.Metrics.Polled(answered: true);
        Signal(new Signal.Polled(Reachable: true));
        _parts.Outbox.Use(link);
        _parts.CursorMoves.Use(link, _parts.Options.PollInterval);
        _parts.Changed();
    }

    /// <summary>A poll failed; the next one comes all the same.</summary>
    public void PollFailed(Exception reason)
    {
        _parts.Logger.PollFailed(reason, _parts.RunId);
        _parts.Metrics.Polled(answered: false);
        var refusal = reason as CollabException;
        if (refusal?.Ending is { } ending) Reason = new(ending, refusal.Message, _parts.Time.GetUtcNow());
        if (!IsOver(refusal)) Signal(new Signal.Polled(Reachable: false));
    }

    private void NetworkChanged()
    {
        if (State is ConnectionState.Closed) return;
        if (_parts.Network.IsAvailable) RetryNow();
        else _heartbeat?.Beat();
    }

    /// <summary>Whether a refusal ends it for good. One token that is refused may just be old; a second one is not.</summary>
    private bool IsOver(CollabException? refusal)
    {
        if (refusal is null) return false;
        if (refusal.Code == CollabErrorCode.Unauthorized)
        {
            _parts.Tokens.Forget();
            _refusedTokens++;
            if (_refusedTokens == 1) _http?.PollNow();
        }
        // Who was sent away may come back, however the answer says it.
        var isForbidden = refusal.Code is CollabErrorCode.Forbidden && refusal.Ending is not EndingCode.Kicked;
        var isFinal = isForbidden || refusal.Code is CollabErrorCode.InvalidEvent || _refusedTokens > 1;
        if (isFinal) _parts.Strand.Begin(() => CloseAsync(refusal, refusal));
        return isFinal;
    }

    private void Attempt()
    {
        if (_candidate is not null) return;
        _retry.Stop();
        Signal(new Signal.Attempt());
        Open(_parts.Tokens.FreshAsync);
    }

    private void Open(Func<CancellationToken, Task<string?>> askToken)
    {
        var link = _candidate = new HubLink(_parts, this);
        _parts.Strand.Begin(() => link.OpenAsync(askToken));
    }

    /// <param name="atOnce">The next attempt has what this one lacked, a new token.</param>
    private void WaitForRetry(bool atOnce)
    {
        var wait = atOnce ? TimeSpan.Zero : _parts.Backoff(Math.Max(1, _failures));
        if (!atOnce && !_parts.Network.IsAvailable && wait < OfflineRetry) wait = OfflineRetry;
        var wasPolling = State is ConnectionState.Polling;
        Signal(new Signal.Failed(_failures, _failures >= _parts.Options.FallbackAfter, _parts.Time.GetUtcNow() + wait));
        if (_candidate is null) _retry.Set(wait);
        else Signal(new Signal.Attempt());
        if (State is not ConnectionState.Polling) return;
        if (!wasPolling) _parts.Logger.FellBack(_parts.RunId);
        StartHttp();
    }

    /// <summary>The attempt has become the connection.</summary>
    private void Adopt(HubLink link)
    {
        var old = _live;
        if (old is not null) _parts.Strand.Begin(old.StopAsync);
        _candidate = null;
        DropLive();
        DropHttp();
        _retry.Stop();
        _live = link;
        _liveSince = _parts.Time.GetTimestamp();
        var isAgain = _hasBeenLive && old is null;
        if (isAgain) _parts.Health.Reconnected();
        _parts.Metrics.Connected(isAgain);
        _hasBeenLive = true;
        _refusedTokens = 0;
        _parts.Tokens.Use(link.Token);
        _parts.Outbox.SendAs(_parts.Tokens.UserOf(link.Token));
        Signal(new Signal.Joined());
        _heartbeat = new Heartbeat(_parts, link, ServerTime);
        _heartbeat.Beat();
        _parts.Outbox.Use(link);
        _parts.CursorMoves.Use(link, CursorInterval);
        _parts.Outbox.Adopt();
        _renewal.Schedule();
    }

    private void DropLive()
    {
        _live = null;
        _heartbeat?.Stop();
        _heartbeat = null;
        _renewal.Stop();
        _parts.Outbox.Use(null);
        _parts.CursorMoves.Use(null);
    }

    private void StartHttp()
    {
        if (_http is not null) return;
        _http = new HttpLink(_parts, this);
        _http.PollNow();
    }

    private void DropHttp()
    {
        _http?.Stop();
        _http = null;
    }

    /// <summary>A new token is there before the old one ends: a connection with it takes over.</summary>
    private void Renew(string? token)
    {
        if (_live is not null && _candidate is null) Open(_ => Task.FromResult(token));
    }

    private void ServerTime(DateTimeOffset now)
    {
        _parts.Tokens.TellServerTime(now);
        _renewal.Schedule();
    }

    private void Signal(Signal signal)
    {
        var before = State;
        State = Transition.Next(before, signal);
        if (!ReferenceEquals(before, State)) _parts.Logger.Moved(_parts.RunId, before, State);
        _parts.Changed();
    }
}
