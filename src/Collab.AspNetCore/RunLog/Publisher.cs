using System.Security.Claims;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Signatures;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.RunLog;

/// <summary>A publish as it came in, by hub, by HTTP, or from the application.</summary>
/// <param name="BasedOn">The last event of the run that its publisher has seen; null: nothing clashes with it.</param>
internal readonly record struct Publish(Guid RunId, EventType Type, EventData Data, Guid MessageId, long? BasedOn = null)
{
    /// <summary>What its user's client has signed it with; null: nothing.</summary>
    public SentSignature? Signature { get; init; }
}

/// <summary>
/// What all ways in share: an event is counted against its sender's limits, checked, its signature too, shown to the application's guards,
/// and goes on: a critical one into the log, an ephemeral one straight to the run's feed. Where no guard waits, everything before the queue
/// is synchronous, so a connection's events stay in its order.
/// </summary>
internal sealed class Publisher(
    RunLog log, Feeds feeds, EventTypeTable types, UserLimits limits, PublishGuards guards,
    PublishSignatures signatures, StateRoom room, IOptions<CollabOptions> options, TimeProvider time)
{
    /// <summary>Why a cursor is refused.</summary>
    public const string JoinFirst = "Join the run first: a cursor belongs to a user who is there.";

    private readonly int _maxBytes = options.Value.Limits.EventBytes;
    private readonly bool _asksMore = guards.Any || room.IsBounded || signatures.IsOn;

    /// <summary>Reads what a client sent, without judging yet who sent it.</summary>
    /// <exception cref="RefusedException">
    /// <c>invalid_event</c>: no such type, a message id that is not a UUID, none where there is a signature, or a number that none can
    /// have.
    /// </exception>
    public Publish Parse(
        Guid runId, string? eventType, EventData data, string? messageId, long? basedOn = null, SentSignature? signature = null)
    {
        if (basedOn is < 0) throw RefusedException.Invalid("basedOnSequence must be 0 or more, or null.");
        if (messageId is null && signature is not null && signatures.IsOn)
            throw RefusedException.Invalid("messageId: an event that is signed must have one.");
        if (messageId is null) return new(runId, types.ForClient(eventType), data, Guid.CreateVersion7(), basedOn);
        return RunIds.TryParse(messageId, out var id)
            ? new(runId, types.ForClient(eventType), data, id, basedOn) { Signature = signature }
            : throw RefusedException.Invalid("messageId must be a UUID such as 0198c0de-0000-7000-8000-000000000001, or null.");
    }

    /// <summary>Publishes for a user who may: <see cref="AdmitAsync"/>, and what comes out of it <see cref="SendAsync"/>.</summary>
    /// <exception cref="RefusedException">
    /// Any code but <c>unauthorized</c>, and that too by a guard. <c>forbidden</c>: by its signature, or by a guard.
    /// </exception>
    public ValueTask<PublishAck> PublishAsync(Caller caller, Publish publish) =>
        SendWhenAdmittedAsync(caller.UserId, caller.UserName, AdmitAsync(caller, publish));

    /// <summary>What is left to send of a publish when limits, types and the application's guards have been asked.</summary>
    /// <exception cref="RefusedException">It goes no further.</exception>
    public ValueTask<Publish> AdmitAsync(Caller caller, Publish publish)
    {
        if (publish.Type.Name == EventTypes.CursorMove) limits.TakeCursorMove(caller);
        else limits.TakePublish(caller);
        return AdmitFreelyAsync(caller.UserId, caller.UserName, caller.Principal, publish);
    }

    /// <summary>As <see cref="AdmitAsync"/>, but limits are not asked, or have been.</summary>
    /// <param name="userId">Who publishes.</param>
    /// <param name="userName">What to call that user; null if there is no name but the id.</param>
    /// <param name="user">That user as authenticated; null: it is the application itself, which signs nothing.</param>
    /// <param name="publish">What.</param>
    /// <exception cref="RefusedException">It goes no further.</exception>
    public ValueTask<Publish> AdmitFreelyAsync(string userId, string? userName, ClaimsPrincipal? user, Publish publish)
    {
        publish.Data.Check(publish.Type, _maxBytes);
        if (publish is { BasedOn: not null, Type.IsCritical: false })
            throw RefusedException.Invalid($"basedOnSequence: {publish.Type.Name} is not stored, so nothing can clash with it.");
        return _asksMore ? AskAsync(userId, userName, user, publish) : new(publish);
    }

    /// <summary>As <see cref="AdmitFreelyAsync"/> for events that are stored together or not at all.</summary>
    /// <exception cref="RefusedException">None of them goes further; it says which is at fault.</exception>
    public async ValueTask<Publish[]> AdmitTogetherAsync(string userId, string? userName, ClaimsPrincipal? user, Publish[] publishes)
    {
        var ids = new HashSet<Guid>(KeyedGuids.Instance);
        for (var i = 0; i < publishes.Length; i++)
        {
            try
            {
                var publish = publishes[i];
                if (!publish.Type.IsCritical)
                    throw RefusedException.Invalid($"{publish.Type.Name} is not stored, so it cannot be in an atomic batch.");
                if (i > 0 && publishes[i - 1].Type.Name == EventTypes.RunEnd)
                    throw new RefusedException(CollabErrorCode.RunEnded, "The event before it in the batch ends the run.");
                if (!ids.Add(publish.MessageId)) throw RefusedException.Invalid("messageId: another event of the batch has it.");
                publishes[i] = await AdmitFreelyAsync(userId, userName, user, publish);
            }
            catch (RefusedException refusal)
            {
                throw refusal.At(i);
            }
        }
        return publishes;
    }

    /// <summary>Makes publishes of what came together.</summary>
    /// <exception cref="RefusedException">About one of them; it says which.</exception>
    public static Publish[] Each<T>(IReadOnlyList<T> events, Func<T, Publish> parse)
    {
        var publishes = new Publish[events.Count];
        for (var i = 0; i < publishes.Length; i++)
        {
            try
            {
                publishes[i] = parse(events[i]);
            }
            catch (RefusedException refusal)
            {
                throw refusal.At(i);
            }
        }
        return publishes;
    }

    /// <summary>Queues what is admitted, at once where no guard waits.</summary>
    /// <exception cref="RefusedException">Why it was not admitted, or as for what was.</exception>
    public ValueTask<PublishAck> SendWhenAdmittedAsync(string userId, string? userName, ValueTask<Publish> admitted) =>
        admitted.IsCompletedSuccessfully ? SendAsync(userId, userName, admitted.Result) : SendLaterAsync(userId, userName, admitted);

    /// <summary>Queues what was admitted; synchronous up to there.</summary>
    /// <exception cref="RefusedException">
    /// <c>overloaded</c> or <c>unavailable</c>, or later <c>invalid_event</c>, <c>conflict</c> or <c>run_ended</c>.
    /// </exception>
    public ValueTask<PublishAck> SendAsync(string userId, string? userName, Publish publish) =>
        publish.Type.IsCritical ? log.AppendAsync(AppendOf(userId, userName, publish)) : new(SendNow(userId, userName, publish));

    /// <summary>Queues what was admitted together; synchronous up to there.</summary>
    /// <exception cref="RefusedException">None of them is stored. About one of them, it says which.</exception>
    public async Task<PublishAck[]> SendTogetherAsync(string userId, string? userName, Publish[] publishes)
    {
        var group = log.Append(Array.ConvertAll(publishes, publish => AppendOf(userId, userName, publish)), isAtomic: true);
        await group.Completion;
        return group.Refusal() is { } refusal ? throw refusal : [.. group.Members.Select(member => member.Ack())];
    }

    /// <summary>
    /// Sends an ephemeral event, which was admitted, to who is there. Who looks at a run that has ended may show a cursor there.
    /// </summary>
    /// <exception cref="RefusedException"><c>run_ended</c>, as far as this server knows.</exception>
    public PublishAck SendNow(string userId, string? userName, in Publish publish)
    {
        if (publish.Type.Name != EventTypes.CursorMove && feeds.Find(publish.RunId) is { HasEnded: true })
            throw RefusedException.RunEnded();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        feeds.Ephemeral(publish.RunId, publish.Type.Name, userId, userName, now, publish.MessageId, publish.Data.Json);
        return new(publish.MessageId, SequenceNumber: null, now, Duplicate: false);
    }

    /// <summary>What goes into the log of an event that was admitted.</summary>
    public static Append AppendOf(string userId, string? userName, in Publish publish) =>
        new(publish.RunId, publish.MessageId, publish.Type.Name, userId, userName, publish.Data.Json)
        {
            Basis = publish.BasedOn is { } basedOn ? new(basedOn, Subject.Of(publish.Type, publish.Data.Json)) : null,
        };

    private async ValueTask<PublishAck> SendLaterAsync(string userId, string? userName, ValueTask<Publish> admitted) =>
        await SendAsync(userId, userName, await admitted);

    private static SentPublish SentOf(in Publish publish) =>
        new(publish.RunId, publish.Type.Name, publish.Data, publish.MessageId, publish.BasedOn, publish.Signature);

    private async ValueTask<Publish> AskAsync(string userId, string? userName, ClaimsPrincipal? user, Publish publish)
    {
        if (signatures.IsOn && user is not null) await signatures.CheckAsync(userId, user, SentOf(publish));
        if (guards.Any) publish = await guards.CheckAsync(publish, userId, userName, user, _maxBytes);
        if (publish.Type.IsCritical && room.IsBounded) await room.CheckAsync(publish, userId, userName);
        return publish;
    }
}
