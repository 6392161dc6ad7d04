using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Hub;

/// <summary>One hub connection: its user's calls about runs, each authorised and in its turn.</summary>
internal sealed class HubSession
{
    /// <summary>Half the time between a client's pings: one that comes early is counted all the same.</summary>
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(5);

    /// <summary>SignalR takes a connection for dead on which nothing came for half a minute.</summary>
    private const double MaxRoundTripMs = 30_000;

    private readonly HubConnectionContext _connection;
    private readonly Publisher _publisher;
    private readonly BatchPublisher _batches;
    private readonly Feeds _feeds;
    private readonly ILogger _logger;
    private readonly string _nameClaim;
    private readonly TimeProvider _time;
    private readonly JoinRoom _room;
    private readonly Lock _reports = new();
    private readonly KeptRights _rights;
    private readonly JoinedRuns _joined;
    private readonly RunTurns _turns = new();
    private Caller? _caller;
    private long? _reportedAt;
    private RefusalPace? _refusals;

    public HubSession(
        HubConnectionContext connection, ConnectionRecord record, RunRights rights,
        Publisher publisher, BatchPublisher batches, Feeds feeds, Budget answers, CollabOptions options,
        TimeProvider time, ILogger logger)
    {
        (_connection, Record, _publisher, _batches, _feeds, _time, _logger, _nameClaim) =
            (connection, record, publisher, batches, feeds, time, logger, options.Auth.NameClaim);
        Flow = connection.Features.Get<ConnectionFlow>() ?? new();
        _room = new(answers, connection);
        _rights = new(rights, () => CallerNow().Principal, time, connection.ConnectionAborted);
        _joined = new(options.Limits.For(Caller.Kind).RunsPerConnection);
        record.Rights = _rights;
        record.SeenIn = _joined.SeenIn;
    }

    public string UserId => Caller.UserId;

    /// <summary>Where this connection's figures are counted.</summary>
    public ConnectionRecord Record { get; }

    /// <summary>Whether it is sent what the state comes to, now and then.</summary>
    public bool WantsFingerprints { get; init; }

    /// <summary>Whether it is answered what those are who are there, and how far they have seen.</summary>
    public bool WantsPresence { get; init; }

    /// <summary>What it has on its way into the log.</summary>
    public ConnectionFlow Flow { get; }

    /// <summary>How fast it is refused.</summary>
    public RefusalPace Refusals => LazyInitializer.EnsureInitialized(ref _refusals, () => new(_time));

    /// <summary>Whose connection it is.</summary>
    public Caller Caller => _caller ??= Caller.From(_connection.User, _nameClaim);

    public static HubSession Of(HubCallerContext context) =>
        context.Features.Get<HubSession>() ?? throw new InvalidOperationException("The connection has no session.");

    /// <summary>Publishes if the user may.</summary>
    /// <exception cref="RefusedException"><c>forbidden</c>, or what <see cref="Publisher.PublishAsync"/> says.</exception>
    public ValueTask<PublishAck> PublishAsync(Publish publish)
    {
        if (!_turns.IsFree(publish.RunId)) return new(PublishInTurnAsync(publish, asked: null));
        var access = _rights.AccessAsync(publish.RunId);
        if (!access.IsCompletedSuccessfully) return new(PublishInTurnAsync(publish, access.AsTask()));
        var admitted = AdmitAsync(publish, access.Result);
        return admitted.IsCompletedSuccessfully
            ? _publisher.SendAsync(UserId, Caller.UserName, admitted.Result)
            : new(SendInTurnAsync(publish.RunId, admitted.AsTask()));
    }

    /// <summary>Publishes a batch as far as the user may.</summary>
    /// <exception cref="RefusedException">
    /// What <see cref="BatchPublisher.AdmitAsync"/> and <see cref="BatchPublisher.SendAsync"/> say.
    /// </exception>
    public async Task<PublishResult[]> PublishBatchAsync(Guid runId, BatchEvents events, bool isAtomic)
    {
        if (!_turns.IsFree(runId)) return await await _turns.TakeAsync(runId, async () => SendAsync(await AdmitAsync()));
        var admitted = AdmitAsync();
        return admitted.IsCompleted
            ? await SendAsync(await admitted)
            : await await _turns.TakeAsync(runId, async () => SendAsync(await admitted));

        async Task<(BatchSender, AdmittedBatch)> AdmitAsync()
        {
            var access = await _rights.AccessAsync(runId);
            var sender = new BatchSender(runId, Caller, access, _joined.Has(runId));
            return (sender, await _batches.AdmitAsync(sender, events, isAtomic));
        }

        Task<PublishResult[]> SendAsync((BatchSender Sender, AdmittedBatch Batch) admitted) =>
            _batches.SendAsync(admitted.Sender, admitted.Batch);
    }

    /// <summary>Follows a run. Joining again begins at the given position.</summary>
    /// <exception cref="RefusedException">
    /// <c>forbidden</c>. <c>rate_limited</c>: too many runs. <c>unavailable</c>: the store cannot be reached, or the server drains.
    /// <c>overloaded</c>: the store has too much to read, or too many answers are on their way.
    /// </exception>
    public Task<JoinAnswer> JoinAsync(Guid runId, long after, long maxEventBytes) => _turns.TakeAsync(runId, async () =>
    {
        (await _rights.AccessAsync(runId)).Demand(RunAccess.Read);
        // Who is in the run may begin at another position until the connection ends.
        if (!_joined.Has(runId)) Record.DemandEntrance();
        _joined.Reserve(runId);
        try
        {
            return await JoinInTurnAsync(runId, after, maxEventBytes);
        }
        catch
        {
            _joined.GiveBack(runId);
            throw;
        }
    });

    /// <summary>Follows a run no longer.</summary>
    public Task LeaveAsync(Guid runId)
    {
        if (!_turns.IsFree(runId)) return _turns.TakeAsync(runId, () => Task.FromResult(Leave(runId)));
        Leave(runId);
        return Task.CompletedTask;
    }

    /// <summary>The connection is gone, or is told to go: it follows nothing any more, and nobody sees its user there.</summary>
    public void LeaveAll() => _joined.End(Record.Ending?.Grace ?? TimeSpan.Zero);

    public Dictionary<Guid, long> LastSequences() => _joined.LastSequences();

    /// <summary>The client has applied runs up to these numbers.</summary>
    /// <returns>Whose mark has moved since it was told last, by joined run and user.</returns>
    public Dictionary<Guid, IReadOnlyDictionary<string, long>> ReportSeen(SeenReport seen) => _joined.Saw(seen);

    /// <summary>
    /// The round trip that the client measured; counted if it can be one, and once in an interval, so that nobody makes up everybody's
    /// figures.
    /// </summary>
    public void ReportRoundTrip(double? milliseconds)
    {
        if (milliseconds is not (>= 0 and <= MaxRoundTripMs)) return;
        lock (_reports)
        {
            if (_reportedAt is { } last && _time.GetElapsedTime(last) < BetweenReports) return;
            _reportedAt = _time.GetTimestamp();
        }
        Record.RoundTrip(milliseconds.Value);
    }

    private ValueTask<Publish> AdmitAsync(Publish publish, RunAccess access)
    {
        access.Demand(publish.Type.NeededAccess());
        if (publish.Type.Name == EventTypes.CursorMove && !_joined.Has(publish.RunId)) throw RefusedException.Invalid(Publisher.JoinFirst);
        return _publisher.AdmitAsync(Caller, publish);
    }

    /// <summary>The turn ends when the event is queued, not when it is stored: the next one may go into the same batch.</summary>
    /// <param name="publish">What is published.</param>
    /// <param name="asked">The question whether it may be, if that was asked already.</param>
    private async Task<PublishAck> PublishInTurnAsync(Publish publish, Task<RunAccess>? asked) =>
        await await _turns.TakeAsync(publish.RunId, async () =>
        {
            var admitted = await AdmitAsync(publish, await (asked ?? _rights.AccessAsync(publish.RunId).AsTask()));
            return _publisher.SendAsync(UserId, Caller.UserName, admitted).AsTask();
        });

    /// <param name="runId">The run.</param>
    /// <param name="admitted">The question to the application's guards, which has been asked.</param>
    private async Task<PublishAck> SendInTurnAsync(Guid runId, Task<Publish> admitted) =>
        await await _turns.TakeAsync(runId, async () => _publisher.SendAsync(UserId, Caller.UserName, await admitted).AsTask());

    private async Task<JoinAnswer> JoinInTurnAsync(Guid runId, long after, long maxEventBytes)
    {
        var run = await _feeds.GetAsync(runId, _connection.ConnectionAborted);
        var room = await _room.TakeAsync(run.AnswerBytes(maxEventBytes));
        // What the subscriber before wrote from here on would come a second time from the new one.
        var before = _joined.Find(runId);
        before?.Pause();
        try
        {
            return await AttachAsync(runId, after, maxEventBytes, room);
        }
        catch
        {
            room.Dispose();
            before?.GoOn();
            throw;
        }
    }

    private async Task<JoinAnswer> AttachAsync(Guid runId, long after, long maxEventBytes, IDisposable room)
    {
        var subscriber = new HubSubscriber(_connection, Record, UserId, runId, _feeds, _logger, WantsFingerprints)
        {
            UserName = Caller.UserName,
            Kind = Caller.Kind,
            WantsPresence = WantsPresence,
        };
        var (feed, view) = await subscriber.AttachAsync(after, maxEventBytes, _connection.ConnectionAborted);
        try
        {
            _joined.Fill(runId, feed, subscriber);
            Record.Joined(runId, after, view.Events.Length);
            return new(view, subscriber, room);
        }
        catch
        {
            feed.Detach(subscriber, asConnection: true);
            throw;
        }
    }

    private bool Leave(Guid runId)
    {
        if (!_joined.Leave(runId)) return false;
        Record.Left(runId);
        return true;
    }

    /// <summary>As the newest token says: with long polling each request brings one, and the connection lasts as long as they do.</summary>
    /// <exception cref="RefusedException"><c>unauthorized</c>: it is another user's.</exception>
    private Caller CallerNow()
    {
        // Not connection.User, which is the first one for ever.
        var user = _connection.Features.Get<IConnectionUserFeature>()?.User;
        if (user is null || ReferenceEquals(user, Caller.Principal)) return Caller;
        var now = Caller.From(user);
        return now.UserId == UserId
            ? now
            : throw new RefusedException(CollabErrorCode.Unauthorized, "The connection belongs to another user.");
    }
}
