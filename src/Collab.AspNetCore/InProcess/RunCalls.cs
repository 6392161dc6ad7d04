using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.Hosting;

namespace Collab.AspNetCore.InProcess;

/// <summary>What <see cref="RunHandle"/> says, done.</summary>
internal sealed class RunCalls(
    Publisher publisher, RunLog.RunLog log, Branches branches, EventTypeTable types, Feeds feeds, IFeedNews news, PastStates past,
    IHostEnvironment application)
{
    public ValueTask<PublishAck> PublishAsync(Guid runId, NewEvent newEvent, PublishOptions? options, CancellationToken cancellationToken)
    {
        var (userId, userName) = PublisherOf(options);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<PublishAck>(cancellationToken);
        try
        {
            var id = newEvent.MessageId ?? options?.MessageId;
            var admitted = publisher.AdmitFreelyAsync(userId, userName, user: null, PublishOf(runId, newEvent, id, options));
            var ack = publisher.SendWhenAdmittedAsync(userId, userName, admitted);
            return cancellationToken.CanBeCanceled && !ack.IsCompleted ? new(ack.AsTask().WaitAsync(cancellationToken)) : ack;
        }
        catch (RefusedException refusal)
        {
            return ValueTask.FromException<PublishAck>(refusal);
        }
    }

    public ValueTask<PublishAck> PublishAsync<T>(Guid runId, T data, PublishOptions? options, CancellationToken cancellationToken)
        where T : notnull
    {
        var type = types.ForData(typeof(T))
            ?? throw new InvalidOperationException($"No type of event was added for {typeof(T)}: AddEvent<{typeof(T).Name}>(…).");
        var json = JsonSerializer.SerializeToUtf8Bytes(data, (JsonTypeInfo<T>)type.Data!.Json);
        return PublishAsync(runId, new NewEvent(type.Name, NewEvent.Read(json), messageId: null), options, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<PublishAck>> PublishAsync(
        Guid runId, IReadOnlyList<NewEvent> newEvents, PublishOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(newEvents);
        if (newEvents.Count is 0 or > BatchEvents.Most)
            throw new ArgumentException($"1 to {BatchEvents.Most} events are published at once.", nameof(newEvents));
        if (options?.MessageId is not null)
            throw new ArgumentException("Several events cannot have one id; each has its own.", nameof(options));
        var (userId, userName) = PublisherOf(options);
        cancellationToken.ThrowIfCancellationRequested();
        var publishes = Publisher.Each(newEvents, e => PublishOf(runId, e, e.MessageId, options));
        publishes = await publisher.AdmitTogetherAsync(userId, userName, user: null, publishes);
        return await publisher.SendTogetherAsync(userId, userName, publishes).WaitAsync(cancellationToken);
    }

    public async ValueTask<ReplayResult> ReadAsync(Guid runId, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        var view = await AskAsync(() => feeds.ReadAsync(runId, after, cancellationToken));
        var events = view.Events.Take(limit).Select(EventOf).ToArray();
        var names = events.Where(e => e.UserName is not null).GroupBy(e => e.UserId).ToDictionary(g => g.Key, g => g.Last().UserName!);
        return new(
            runId, view.Epoch, events, view.Events.Length, view.LastSequence, view.OldestSequence, view.Events.Length > limit,
            names.Count == 0 ? null : names)
        { Ended = view.HasEnded, BranchedFrom = view.BranchedFrom };
    }

    public async ValueTask<RunState> GetStateAsync(Guid runId, long? asOf, CancellationToken cancellationToken)
    {
        if (asOf is { } sequence) ArgumentOutOfRangeException.ThrowIfNegative(sequence, nameof(asOf));
        var json = await AskAsync(async () => asOf is { } moment
            ? await past.ReadAsync(runId, moment, cancellationToken)
            : (await feeds.GetAsync(runId, cancellationToken)).State);
        return JsonSerializer.Deserialize(json, CollabJson.Default.RunState)!;
    }

    public async ValueTask<PresenceSnapshot> GetPresenceAsync(Guid runId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // A user who is there keeps a feed on that server. Where there are others, one here asks them.
        if (news.IsAlone && feeds.Find(runId) is null) return PresenceSnapshot.Nobody;
        var view = await AskAsync(() => feeds.ReadAsync(runId, RunView.AfterAll, cancellationToken, withPresence: true));
        return new(view.ActiveUsers, view.CursorPositions.ToDictionary(), view.UserNames.ToDictionary())
        {
            Participants = view.Presence ?? [],
        };
    }

    public async IAsyncEnumerable<CollaborationEvent> FollowAsync(
        Guid runId, long after, bool ephemeral, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        if (await AskAsync(() => feeds.ResumeAtAsync(runId, after, cancellationToken)) != after) throw FollowEndedException.Replaced(after);
        for (Guid? epoch = null; ;)
        {
            var follower = new Follower(feeds);
            try
            {
                var view = await AskAsync(() => follower.AttachAsync(runId, after, cancellationToken));
                if ((epoch ?? view.Epoch) != view.Epoch || view.LastSequence < after) throw FollowEndedException.Replaced(after);
                if (epoch is not null && view.Truncated) throw FollowEndedException.TooSlow(after);
                epoch = view.Epoch;
                foreach (var e in view.Events)
                {
                    after = e.Sequence;
                    yield return EventOf(e);
                }
                while (await AskAsync(() => follower.NextAsync(cancellationToken)) is { } frame)
                {
                    foreach (var e in frame.Critical)
                    {
                        if (e.Sequence <= after) continue;
                        after = e.Sequence;
                        yield return EventOf(e);
                    }
                    foreach (var json in ephemeral ? frame.Ephemeral : []) yield return EventOf(json);
                }
            }
            finally
            {
                follower.Detach();
            }
        }
    }

    public ValueTask<PublishAck> EndAsync(Guid runId, string? outcome, PublishOptions? options, CancellationToken cancellationToken) =>
        PublishAsync(runId, new RunEnd(outcome), options, cancellationToken);

    public async ValueTask<BranchResult> BranchAsync(Guid runId, long atSequence, Guid? newRunId, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atSequence, 1);
        var branch = new Branch(runId, atSequence, newRunId ?? Guid.CreateVersion7());
        return (await AskAsync(() => branches.MakeAsync(branch, cancellationToken))).Result;
    }

    public async ValueTask EraseAsync(Guid runId, CancellationToken cancellationToken)
    {
        await AskAsync(async () =>
        {
            await log.EraseAsync(runId, cancellationToken);
            return true;
        });
    }

    public static CollaborationEvent EventOf(LoggedEvent e) => EventOf(e.Json);

    /// <summary>What asks the store says as a refusal that it cannot be asked.</summary>
    public static async ValueTask<T> AskAsync<T>(Func<ValueTask<T>> question)
    {
        try
        {
            return await question();
        }
        catch (StoreException)
        {
            throw RefusedException.Unavailable();
        }
    }

    private static CollaborationEvent EventOf(byte[] json) => JsonSerializer.Deserialize(json, CollabJson.Default.CollaborationEvent)!;

    private Publish PublishOf(Guid runId, in NewEvent newEvent, Guid? messageId, PublishOptions? options)
    {
        if (options?.BasedOnSequence is { } basedOn) ArgumentOutOfRangeException.ThrowIfNegative(basedOn, nameof(options));
        return new(
            runId, types.ForClient(newEvent.EventType), newEvent.Data, messageId ?? Guid.CreateVersion7(), options?.BasedOnSequence);
    }

    private (string UserId, string? UserName) PublisherOf(PublishOptions? options)
    {
        if (options?.UserName is { } name && !Caller.IsUserName(name))
            throw new ArgumentException("A user's name has at most 128 characters, and none that cannot be seen.", nameof(options));
        if (options?.UserId is not { } userId) return (application.ApplicationName, options?.UserName);
        return Caller.IsUserId(userId)
            ? (userId, options.UserName)
            : throw new ArgumentException("A user id has 1 to 256 characters, and nothing that a store cannot hold.", nameof(options));
    }
}
