using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>Decides which transport carries the run, and when the WebSocket is tried. Used from turns only.</summary>
internal sealed class Connector : ILinksOwner
{
    /// <summary>A connection that ends sooner does not count as one that worked.</summary>
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(5);

    /// <summary>Between attempts while the system believes that there is no network, at least.</summary>
    private static readonly TimeSpan OfflineRetry = TimeSpan.FromSeconds(10);

    private readonly Guid _runId;
    private readonly int _fallbackAfter;
    private readonly Func<int, TimeSpan> _backoff;
    private readonly Func<TimeSpan> _sentAwayPause;
    private readonly Strand _strand;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClientMetrics _metrics;
    private readonly INetwork _network;
    private readonly TokenSource _tokens;
    private readonly FlightRecorder _flight;
    private readonly Action _changed;
    private readonly Verdicts _verdicts;
    private readonly Links _links;
    private readonly Alarm _retry;
    private IDisposable? _watch;
    private long _liveSince;

    /// <summary>Attempts that failed since a connection last worked.</summary>
    private int _failures;

    /// <param name="runId">The run.</param>
    /// <param name="options">Say when to try again, and when to poll.</param>
    /// <param name="surroundings">Time, network, where to log.</param>
    /// <param name="strand">The turns.</param>
    /// <param name="tokens">Told which are refused.</param>
    /// <param name="flight">Told what becomes of the connection.</param>
    /// <param name="newLinks">Makes the links.</param>
    /// <param name="changed">Something that applications see has changed.</param>
    public Connector(
        Guid runId,
        CollabClientOptions options,
        Surroundings surroundings,
        Strand strand,
        TokenSource tokens,
        FlightRecorder flight,
        Func<ILinksOwner, Links> newLinks,
        Action changed)
    {
        (_runId, _strand, _tokens, _flight, _changed) = (runId, strand, tokens, flight, changed);
        (_fallbackAfter, _backoff) = (options.FallbackAfter, options.Backoff ?? Jitter.Full(surroundings.Random));
        _sentAwayPause = Jitter.SentAway(surroundings.Random);
        (_time, _logger, _metrics, _network) = (surroundings.Time, surroundings.Logger, surroundings.Metrics, surroundings.Network);
        _verdicts = new Verdicts(tokens, _time);
        _retry = new Alarm(strand, _time, Attempt);
        _links = newLinks(this);
    }

    public ConnectionState State { get; private set; } = new ConnectionState.Idle();

    /// <summary>Whether a WebSocket carries the run.</summary>
    public bool IsLive => _links.IsLive;

    /// <inheritdoc cref="Verdicts.Reason" />
    public ConnectionEnding? Reason => _verdicts.Reason;

    public void Connect()
    {
        if (State is not (ConnectionState.Idle or ConnectionState.Closed)) return;
        _failures = 0;
        _verdicts.Forget();
        _flight.Add(ConnectionStep.Connecting);
        Signal(new Signal.Connect());
        _metrics.Opened();
        _links.Open();
        _watch = _network.Watch(() => _strand.Post(NetworkChanged));
        Attempt();
    }

    /// <summary>How things are is asked now.</summary>
    public void AskNow()
    {
        _links.PingNow();
        _links.PollNow();
    }

    /// <summary>Whatever is waited for is tried now.</summary>
    public void RetryNow()
    {
        if (State is ConnectionState.Closed) return;
        AskNow();
        if (_retry.IsSet) Attempt();
    }

    /// <summary>Ends everything.</summary>
    /// <param name="error">Why the server will not have this client; null if the application ends it.</param>
    /// <param name="told">What those are told who wait for something to be sent.</param>
    public Task CloseAsync(CollabException? error, CollabException told)
    {
        if (State is ConnectionState.Closed) return Task.CompletedTask;
        if (State is not ConnectionState.Idle) _metrics.Closed();
        _flight.Add(ConnectionStep.Closed, error?.Message);
        Signal(new Signal.Close(error));
        if (error is not null) _logger.RefusedForGood(_runId, error.CodeText);
        _watch?.Dispose();
        _retry.Stop();
        return _links.CloseAsync(error, told);
    }

    /// <summary>The server does not take the token: a connection with a new one may fare better.</summary>
    public void TokenRefused()
    {
        _tokens.Forget();
        _links.PollNow();
        if (!IsLive) return;
        _links.EndLive(new NoAnswerException("The token was refused."));
        RetryNow();
    }

    public void Changed() => _changed();

    void ILinksOwner.Joined()
    {
        _retry.Stop();
        _liveSince = _time.GetTimestamp();
        _verdicts.TokenTaken();
        Signal(new Signal.Joined());
    }

    void ILinksOwner.Ended(bool wasLive, Exception? reason)
    {
        _logger.LinkEnded(reason, _runId);
        if (wasLive) _flight.Lost(reason, _network.IsAvailable);
        else _flight.Failed(ConnectionStep.Failed, reason, _network.IsAvailable);
        // A server that drains sends its clients elsewhere: nothing has failed.
        var isSentAway = reason is EndedByServerException { Code: EndingCode.Shutdown };
        if (!isSentAway) _metrics.AttemptFailed();
        // An attempt to renew the token that failed costs nothing: the connection goes on until the server ends it.
        if (IsLive) return;
        var verdict = _verdicts.On(reason);
        if (IsOver(verdict)) return;
        // No event is left to come, unless the run was erased and has another log now.
        if (wasLive && _links.IsOver && reason is not EndedByServerException { Code: EndingCode.Replaced })
        {
            Over();
            return;
        }
        var isStable = wasLive && _time.GetElapsedTime(_liveSince) >= Stable;
        if (isStable) _failures = 0;
        else if (!isSentAway) _failures++;
        var lacksToken = verdict.Refusal?.Code == CollabErrorCode.Unauthorized
            || (isStable && reason is EndedByServerException { Code: EndingCode.Expired });
        var pause = lacksToken ? TimeSpan.Zero : isSentAway ? _sentAwayPause() : (TimeSpan?)null;
        WaitForRetry(pause, fallback: !isSentAway && _failures >= _fallbackAfter);
    }

    void ILinksOwner.Polled()
    {
        _verdicts.TokenTaken();
        _metrics.Polled(answered: true);
        if (State is ConnectionState.Polling { Reachable: false }) _flight.Add(ConnectionStep.Reachable);
        else _flight.Ran();
        Signal(new Signal.Polled(Reachable: true));
    }

    void ILinksOwner.Over() => Over();

    void ILinksOwner.PollFailed(Exception reason)
    {
        _logger.PollFailed(reason, _runId);
        _metrics.Polled(answered: false);
        if (IsOver(_verdicts.On(reason))) return;
        _flight.Failed(ConnectionStep.Unreachable, reason, _network.IsAvailable);
        Signal(new Signal.Polled(Reachable: false));
    }

    // The server will end the connection, and the next attempt asks for a token again.
    void ILinksOwner.RenewalFailed(Exception reason) => _logger.LinkEnded(reason, _runId);

    /// <summary>There is nothing to connect for any more.</summary>
    private void Over() => _strand.Begin(() => CloseAsync(error: null, Outbox.RunEnded()));

    private void NetworkChanged()
    {
        if (State is ConnectionState.Closed) return;
        if (_network.IsAvailable)
        {
            RetryNow();
            return;
        }
        _flight.Add(ConnectionStep.Offline);
        _links.Doubt();
    }

    private bool IsOver(Verdict verdict)
    {
        if (verdict is { IsFinal: true, Refusal: { } refusal }) _strand.Begin(() => CloseAsync(refusal, refusal));
        else if (verdict.Refusal?.Code == CollabErrorCode.Unauthorized) _links.PollNow();
        return verdict.IsFinal;
    }

    private void Attempt()
    {
        if (_links.IsTrying) return;
        _retry.Stop();
        Signal(new Signal.Attempt());
        _links.Try();
    }

    /// <param name="pause">How long, if nothing has failed but that a token had to be new, or the server drains; null: as usual.</param>
    /// <param name="fallback">Whether to poll from now on.</param>
    private void WaitForRetry(TimeSpan? pause, bool fallback)
    {
        var wait = pause ?? _backoff(Math.Max(1, _failures));
        if (pause is null && !_network.IsAvailable && wait < OfflineRetry) wait = OfflineRetry;
        var wasPolling = State is ConnectionState.Polling;
        Signal(new Signal.Failed(_failures, fallback, _time.GetUtcNow() + wait));
        if (_links.IsTrying) Signal(new Signal.Attempt());
        else _retry.Set(wait);
        if (State is not ConnectionState.Polling) return;
        if (!wasPolling) _logger.FellBack(_runId);
        _links.Poll();
    }

    private void Signal(Signal signal)
    {
        var before = State;
        State = Transition.Next(before, signal);
        if (!ReferenceEquals(before, State)) _logger.Moved(_runId, before, State);
        _changed();
    }
}
