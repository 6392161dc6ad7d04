using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Hub;

/// <summary>One hub connection: who it is, what it may do, and the runs it has joined.</summary>
internal sealed class HubSession(
    HubConnectionContext connection, ConnectionRecord record, RunRights rights, LimitOptions limits, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AccessIsKeptFor = TimeSpan.FromSeconds(30);
    private const int MaxKeptAccess = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (Feed Feed, HubSubscriber Subscriber)> _joined = [];
    private readonly Dictionary<Guid, (RunAccess Access, long AskedAt)> _access = [];
    private Caller? _caller;
    private Task _turn = Task.CompletedTask;
    private bool _ended;

    public string UserId => Caller.UserId;

    /// <summary>The connection is gone.</summary>
    public bool HasEnded { get { lock (_gate) return _ended; } }

    /// <summary>Where this connection's figures are counted.</summary>
    public ConnectionRecord Record => record;

    private Caller Caller => _caller ??= Caller.From(connection.User);

    public static HubSession Of(HubCallerContext context) =>
        context.Features.Get<HubSession>() ?? throw new InvalidOperationException("The connection has no session.");

    /// <summary>Publishes if the user may. A connection's publishes keep their order even where the right has to be asked for.</summary>
    /// <exception cref="RefusedException"><c>forbidden</c>, or what <see cref="Publisher.PublishAsync"/> says.</exception>
    public ValueTask<PublishAck> PublishAsync(Publisher publisher, Publish publish)
    {
        Task before = _turn;
        if (before.IsCompleted)
        {
            var access = AccessAsync(publish.RunId);
            if (access.IsCompletedSuccessfully)
            {
                access.Result.Demand(publish.Type.Access!.Value);
                return publisher.PublishAsync(UserId, userName: null, publish);
            }
            before = access.AsTask();
        }
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _turn = finished.Task;
        return new(PublishInTurnAsync(publisher, publish, before, finished));
    }

    /// <exception cref="RefusedException"><c>forbidden</c>.</exception>
    public async ValueTask DemandAsync(Guid runId, RunAccess needed) => (await AccessAsync(runId)).Demand(needed);

    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public void DemandJoined(Guid runId)
    {
        lock (_gate)
        {
            if (!_joined.ContainsKey(runId)) throw RefusedException.Invalid("Join the run first: a cursor belongs to somebody who is there.");
        }
    }

    /// <summary>Follows a run. Joining again begins anew at the given position.</summary>
    /// <exception cref="RefusedException"><c>rate_limited</c>: too many runs. <c>unavailable</c>: the store cannot be reached.</exception>
    public async Task<JoinAnswer> JoinAsync(Guid runId, long after, Feeds feeds)
    {
        var subscriber = new HubSubscriber(connection, record, UserId, runId, feeds, logger);
        var (feed, view) = await feeds.AttachAsync(runId, subscriber, after, asConnection: true, connection.ConnectionAborted);
        try
        {
            Replace(runId, feed, subscriber);
            record.Joined(runId, after, view.Events.Length);
            return new(view, subscriber);
        }
        catch
        {
            feed.Detach(subscriber, asConnection: true);
            throw;
        }
    }

    public void Leave(Guid runId)
    {
        (Feed Feed, HubSubscriber Subscriber) joined;
        lock (_gate)
        {
            if (!_joined.Remove(runId, out joined)) return;
        }
        End(joined);
        record.Left(runId);
    }

    /// <summary>Ends the connection and tells the client why. Does not wait for one that does not read.</summary>
    public void End(Ending ending) => record.End(ending);

    /// <summary>The connection is gone, or is told to go: it follows nothing any more, and nobody sees its user there.</summary>
    public void LeaveAll()
    {
        List<(Feed, HubSubscriber)> all;
        lock (_gate)
        {
            _ended = true;
            all = [.. _joined.Values];
            _joined.Clear();
        }
        foreach (var joined in all) End(joined);
    }

    public Dictionary<Guid, long> LastSequences()
    {
        lock (_gate) return _joined.ToDictionary(j => j.Key, j => j.Value.Feed.LastSequence);
    }

    /// <summary>The round trip that the client measured; kept if it can be one.</summary>
    public void ReportRoundTrip(double? milliseconds)
    {
        if (milliseconds is >= 0 and < 3_600_000) record.RoundTrip(milliseconds.Value);
    }

    private static void End((Feed Feed, HubSubscriber Subscriber) joined)
    {
        joined.Subscriber.Stop();
        joined.Feed.Detach(joined.Subscriber, asConnection: true);
    }

    /// <summary>The new subscriber is in before the old one is out, so that nobody sees the user leave.</summary>
    private void Replace(Guid runId, Feed feed, HubSubscriber subscriber)
    {
        (Feed, HubSubscriber)? old = null;
        lock (_gate)
        {
            if (_ended) throw new RefusedException(CollabErrorCode.Unavailable, "The connection has ended.");
            if (_joined.TryGetValue(runId, out var joined)) old = joined;
            else if (limits.RunsPerConnection > 0 && _joined.Count >= limits.RunsPerConnection)
                throw new RefusedException(CollabErrorCode.RateLimited, $"One connection can join {limits.RunsPerConnection} runs; leave one first.");
            _joined[runId] = (feed, subscriber);
        }
        if (old is { } replaced) End(replaced);
    }

    private ValueTask<RunAccess> AccessAsync(Guid runId)
    {
        lock (_gate)
        {
            if (_access.TryGetValue(runId, out var known) && time.GetElapsedTime(known.AskedAt) < AccessIsKeptFor) return new(known.Access);
        }
        var asked = rights.GetAccessAsync(CallerNow().Principal, runId, connection.ConnectionAborted);
        return asked.IsCompletedSuccessfully ? new(Keep(runId, asked.Result)) : KeepAnswerAsync(runId, asked);
    }

    /// <summary>As the newest token says: with long polling each request brings one, and the connection lasts as long as they do.</summary>
    /// <exception cref="RefusedException"><c>unauthorized</c>: it is somebody else's.</exception>
    private Caller CallerNow()
    {
        // Not connection.User, which is the first one for ever.
        var user = connection.Features.Get<IConnectionUserFeature>()?.User;
        if (user is null || ReferenceEquals(user, Caller.Principal)) return Caller;
        var now = Caller.From(user);
        if (now.UserId == UserId) return now;
        throw new RefusedException(CollabErrorCode.Unauthorized, "The connection belongs to another user.");
    }

    private async ValueTask<RunAccess> KeepAnswerAsync(Guid runId, ValueTask<RunAccess> asked) => Keep(runId, await asked);

    private RunAccess Keep(Guid runId, RunAccess access)
    {
        lock (_gate)
        {
            if (_access.Count >= MaxKeptAccess) _access.Clear();
            _access[runId] = (access, time.GetTimestamp());
        }
        return access;
    }

    /// <param name="before">The publish before this one, or the question whether this one is allowed.</param>
    private async Task<PublishAck> PublishInTurnAsync(Publisher publisher, Publish publish, Task before, TaskCompletionSource finished)
    {
        ValueTask<PublishAck> acknowledgement;
        try
        {
            await before;
            await DemandAsync(publish.RunId, publish.Type.Access!.Value);
            acknowledgement = publisher.PublishAsync(UserId, userName: null, publish);
        }
        finally
        {
            finished.SetResult();
        }
        return await acknowledgement;
    }
}
