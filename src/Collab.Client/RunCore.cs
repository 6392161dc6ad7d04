using Collab.Protocol;

namespace Collab.Client;

/// <summary>What is behind a <see cref="RunConnection"/>, put together. All of it happens on one strand.</summary>
internal sealed class RunCore : IOutboxOwner
{
    private readonly Guid _runId;
    private readonly CollabClientOptions _options;
    private readonly Surroundings _surroundings;
    private readonly TokenSource _tokens;
    private readonly HttpApi _api;
    private readonly RunView _view;
    private readonly HealthMeter _health;
    private readonly Lifetime _life = new();
    private readonly Action<RunSnapshot> _announce;
    private readonly List<SeenWait> _seenWaits = [];
    private bool _isDue;

    /// <summary>Of the newest token.</summary>
    private string? _user;
    private volatile RunSnapshot _snapshot;

    /// <param name="runId">The run.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="surroundings">What it takes from there.</param>
    /// <param name="announce">Told each snapshot, in a turn.</param>
    public RunCore(Guid runId, CollabClientOptions options, Surroundings surroundings, Action<RunSnapshot> announce)
    {
        (_runId, _options, _surroundings, _announce) = (runId, options, surroundings, announce);
        Strand = new Strand(surroundings.Outside, surroundings.Logger);
        _health = new HealthMeter(surroundings.Metrics);
        _view = new RunView(
            options.MaxEvents, _health, surroundings.Metrics, options.Shape(surroundings.Logger),
            sequence => surroundings.Logger.FingerprintDiffered(runId, sequence),
            options.SigningKeys.Count == 0 ? null : new(
                new([.. options.SigningKeys]), wrong => surroundings.Logger.WrongEvent(runId, wrong.SequenceNumber, wrong.Reason)));
        _tokens = new TokenSource(options, Strand, surroundings.Time, UserKnown, TokenInUse);
        _api = new HttpApi(options, _tokens, surroundings.Http, surroundings.Time);
        Outbox = new Outbox(this, runId, options.MaxQueued, Strand, surroundings);
        CursorMoves = new CursorMoves(Strand, surroundings.Time);
        Flight = new FlightRecorder(Guid.CreateVersion7().ToString(), surroundings.Time);
        var signing = new PublishSigning(options.PublishSigner, Strand, () => _tokens.ServerNow);
        var factory = new LinkFactory(runId, options, surroundings, Strand, _api, signing, _view, _health, Flight);
        Connector = new Connector(
            runId,
            options,
            surroundings,
            Strand,
            _tokens,
            Flight,
            owner => new Links(owner, factory, _tokens, _view, _health, Flight, Outbox, CursorMoves),
            Changed);
        _snapshot = TakeSnapshot();
    }

    public RunSnapshot Snapshot => _snapshot;

    public Strand Strand { get; }

    public Connector Connector { get; }

    public FlightRecorder Flight { get; }

    public Outbox Outbox { get; }

    public CursorMoves CursorMoves { get; }

    /// <summary>For tests: what a process that ends without a word leaves.</summary>
    public void ReleaseFile() => Outbox.ReleaseFile();

    /// <summary>Begins to connect, unless it has ended for good meanwhile. In a turn.</summary>
    public void Connect()
    {
        if (!_life.IsOver) Connector.Connect();
    }

    /// <summary>Begins to read. From a turn, like the end.</summary>
    public EventReader Read(bool withHistory)
    {
        var reader = new EventReader(_view, ReplayAsync, _options.MaxUnread, withHistory);
        if (!_life.IsOver) reader.Begin();
        // After the end, and after a refusal, nothing comes any more.
        if (_life.IsOver) reader.End(null);
        else if (Connector.State is ConnectionState.Closed { Error: { } refusal }) reader.End(refusal);
        return reader;
    }

    /// <summary>Begins to wait for what others have seen. In a turn.</summary>
    public void Await(SeenWait wait, CancellationToken cancellationToken)
    {
        wait.StopBy(
            () => Strand.Post(() =>
            {
                wait.Cancel(cancellationToken);
                LookAtWaits();
            }),
            cancellationToken);
        if (_life.IsOver) wait.Fail(new ConnectionClosedException());
        _seenWaits.Add(wait);
        LookAtWaits();
        if (!wait.Task.IsCompleted) Connector.AskNow();
    }

    public void EndReading(EventReader reader) => _view.Remove(reader);

    /// <summary>Ends it for good. In a turn.</summary>
    public async Task EndAsync()
    {
        _life.End();
        _view.End(null);
        foreach (var wait in _seenWaits) wait.Fail(new ConnectionClosedException());
        LookAtWaits();
        await Connector.CloseAsync(null, new ConnectionClosedException());
    }

    /// <summary>What a user has said whom nobody names could be anybody's: it is kept in memory only.</summary>
    QueueFile? IOutboxOwner.FileOf(string user) =>
        user.Length > 0 && _options.QueueFolder is { } folder ? new QueueFile(folder, _runId, user, _surroundings.Logger) : null;

    void IOutboxOwner.Changed() => Changed();

    bool IOutboxOwner.HasEnded => _view.HasEnded;

    void IOutboxOwner.Unauthorized() => Connector.TokenRefused();

    void IOutboxOwner.TellServerTime(DateTimeOffset now) => _tokens.TellServerTime(now);

    /// <summary>What a reader that is far behind has missed; null if the server will not say.</summary>
    private async Task<ReplayResult?> ReplayAsync(long after)
    {
        const int PageSize = 1000;
        while (!_life.IsOver)
        {
            try
            {
                return await _api.ReplayAsync(_runId, after, PageSize, _life.Token);
            }
            catch (CollabException e) when (e.Code == CollabErrorCode.Unauthorized)
            {
                _tokens.Forget();
            }
            catch (CollabException e) when (!e.IsRetryable)
            {
                return null;
            }
            catch (Exception e) when (e is CollabException or NoAnswerException)
            {
                _surroundings.Logger.PollFailed(e, _runId);
            }
            await Task.Delay(_options.PollInterval, _surroundings.Time, _life.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        return null;
    }

    /// <summary>There is a token, and it says who speaks.</summary>
    private void UserKnown()
    {
        Changed();
        var user = _tokens.UserId ?? "";
        if (_user is not null && user != _user) CursorMoves.Forget();
        _user = user;
        Outbox.BelongTo(user);
    }

    /// <summary>
    /// Another token than before is in use. A live connection goes on with its own, whatever else asks something over HTTP.
    /// </summary>
    private void TokenInUse()
    {
        Outbox.ForgetRight();
        if (!Connector.IsLive) Outbox.Sender.SendAs(_tokens.UserInUse);
    }

    /// <summary>One snapshot for all that the turns ahead change.</summary>
    private void Changed()
    {
        if (_isDue) return;
        _isDue = true;
        Strand.Post(() =>
        {
            _isDue = false;
            Outbox.Save();
            _snapshot = TakeSnapshot();
            LookAtWaits();
            _announce(_snapshot);
        });
    }

    private void LookAtWaits()
    {
        foreach (var wait in _seenWaits) wait.Look(_snapshot);
        _seenWaits.RemoveAll(wait => wait.Task.IsCompleted);
        _view.IsSeenAwaited = _seenWaits.Count > 0;
    }

    private RunSnapshot TakeSnapshot()
    {
        var snapshot = new RunSnapshot
        {
            RunId = _runId,
            UserId = _tokens.UserId is { Length: > 0 } user ? user : null,
            CanWrite = Outbox.CanWrite,
            Connection = Connector.State,
            Reason = Connector.Reason,
            Epoch = _view.Cursor.Epoch,
            Ended = _view.HasEnded,
            BranchedFrom = _view.BranchedFrom,
            Wrong = _view.Wrong,
            Events = _view.Events.Shown,
            LastSequence = _view.Cursor.Last,
            OldestSequence = _view.Events.Oldest,
            State = _view.State,
            ActiveUsers = _view.Presence.Users,
            CursorPositions = _view.Presence.Cursors,
            Seen = _view.Presence.Seen,
            Agents = _view.Presence.Agents,
            UserNames = _view.Names.Shown,
            Health = _health.Health(isConnected: false),
            Latencies = _health.Latencies,
            Pending = Outbox.Pending,
            QueuedCount = Outbox.QueuedCount,
        };
        return snapshot with { Health = _health.Health(snapshot.IsConnected) };
    }
}
