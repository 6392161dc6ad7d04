using Collab.Protocol;

namespace Collab.Client;

/// <summary>What is behind a <see cref="RunConnection"/>, put together. All of it happens on one strand.</summary>
internal sealed class RunCore
{
    private readonly RunParts _parts;
    private readonly Connector _connector;
    private readonly Lifetime _life = new();
    private readonly Action<RunSnapshot> _announce;
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
        _announce = announce;
        var (time, logger, metrics) = (surroundings.Time, surroundings.Logger, surroundings.Metrics);
        var hub = $"{options.BaseAddress!.AbsoluteUri.TrimEnd('/')}/hubs/collaboration?clientId={Guid.CreateVersion7()}";
        var strand = new Strand(surroundings.Outside, logger);
        var health = new HealthMeter(metrics);
        var tokens = new TokenSource(options, strand, time, UserKnown, () => _connector!.TokenInUse());
        var pause = Jitter.Half(surroundings.Random);
        var outbox = new OutboxOptions(runId, options.MaxQueued, pause, Changed, () => _connector!.TokenRefused(), FileOf);
        _parts = new RunParts
        {
            RunId = runId,
            Options = options,
            Strand = strand,
            Time = time,
            Logger = logger,
            Metrics = metrics,
            Network = surroundings.Network,
            ConnectHub = (token, received, closed) => surroundings.Hub(new Uri($"{hub}&reconnects={_connector!.Reconnects}"))(token, received, closed),
            Backoff = options.Backoff ?? Jitter.Full(surroundings.Random),
            Pause = pause,
            Tokens = tokens,
            Api = new HttpApi(options, tokens, surroundings.Http, time),
            View = new RunView(options.MaxEvents, health, metrics),
            Health = health,
            Outbox = new Outbox(outbox, strand, time, metrics, logger),
            CursorMoves = new CursorMoves(strand, time),
            Changed = Changed,
        };
        _connector = new Connector(_parts);
        _snapshot = TakeSnapshot();
    }

    public RunSnapshot Snapshot => _snapshot;

    public Strand Strand => _parts.Strand;

    public Connector Connector => _connector;

    public Outbox Outbox => _parts.Outbox;

    public CursorMoves CursorMoves => _parts.CursorMoves;

    /// <summary>For tests: what a process that ends without a word leaves.</summary>
    public void ReleaseFile() => _parts.Outbox.ReleaseFile();

    /// <summary>Begins to connect, unless it has ended for good meanwhile. In a turn.</summary>
    public void Connect()
    {
        if (!_life.IsOver) _connector.Connect();
    }

    /// <summary>Begins to read. From a turn, like the end.</summary>
    public EventReader Read(bool withHistory)
    {
        var reader = new EventReader(_parts.View, ReplayAsync, _parts.Options.MaxUnread, withHistory);
        if (!_life.IsOver) reader.Begin();
        // After the end, and after a refusal, nothing comes any more.
        if (_life.IsOver) reader.End(null);
        else if (_connector.State is ConnectionState.Closed { Error: { } refusal }) reader.End(refusal);
        return reader;
    }

    public void EndReading(EventReader reader) => _parts.View.Remove(reader);

    /// <summary>Ends it for good. In a turn.</summary>
    public async Task EndAsync()
    {
        _life.End();
        _parts.View.End(null);
        await _connector.CloseAsync(null, new ConnectionClosedException());
    }

    /// <summary>What a reader who is far behind has missed; null if the server will not say.</summary>
    private async Task<ReplayResult?> ReplayAsync(long after)
    {
        const int PageSize = 1000;
        while (!_life.IsOver)
        {
            try
            {
                return await _parts.Api.ReplayAsync(_parts.RunId, after, PageSize, _life.Token);
            }
            catch (CollabException e) when (e.Code == CollabErrorCode.Unauthorized)
            {
                _parts.Tokens.Forget();
            }
            catch (CollabException e) when (!e.IsRetryable)
            {
                return null;
            }
            catch (Exception e) when (e is CollabException or NoAnswerException)
            {
                _parts.Logger.PollFailed(e, _parts.RunId);
            }
            await Task.Delay(_parts.Options.PollInterval, _parts.Time, _life.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        return null;
    }

    /// <summary>There is a token, and it says who speaks.</summary>
    private void UserKnown()
    {
        Changed();
        var user = _parts.Tokens.UserId ?? "";
        if (_user is not null && user != _user) _parts.CursorMoves.Forget();
        _user = user;
        _parts.Outbox.BelongTo(user);
    }

    /// <summary>What a user has said whom nobody names could be anybody's: it is kept in memory only.</summary>
    private QueueFile? FileOf(string user) =>
        user.Length > 0 && _parts.Options.QueueFolder is { } folder ? new QueueFile(folder, _parts.RunId, user, _parts.Logger) : null;

    /// <summary>One snapshot for all that the turns ahead change.</summary>
    private void Changed()
    {
        if (_isDue) return;
        _isDue = true;
        _parts.Strand.Post(() =>
        {
            _isDue = false;
            _parts.Outbox.Save();
            _snapshot = TakeSnapshot();
            _announce(_snapshot);
        });
    }

    private RunSnapshot TakeSnapshot()
    {
        var view = _parts.View;
        var snapshot = new RunSnapshot
        {
            RunId = _parts.RunId,
            UserId = _parts.Tokens.UserId is { Length: > 0 } user ? user : null,
            CanWrite = _parts.Outbox.CanWrite,
            Connection = _connector.State,
            Reason = _connector.Reason,
            Epoch = view.Cursor.Epoch,
            Events = view.Events.Shown,
            LastSequence = view.Cursor.Last,
            OldestSequence = view.Events.Oldest,
            State = view.State,
            ActiveUsers = view.Presence.Users,
            CursorPositions = view.Presence.Cursors,
            UserNames = view.Names.Shown,
            Health = _parts.Health.Health(isConnected: false),
            Latencies = _parts.Health.Latencies,
            Pending = _parts.Outbox.Pending,
            QueuedCount = _parts.Outbox.QueuedCount,
        };
        return snapshot with { Health = _parts.Health.Health(snapshot.IsConnected) };
    }
}
