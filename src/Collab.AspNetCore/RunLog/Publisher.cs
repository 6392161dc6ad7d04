using System.Security.Claims;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.RunLog;

/// <summary>A publish as it came in, by hub or HTTP.</summary>
internal readonly record struct Publish(Guid RunId, EventType Type, EventData Data, Guid MessageId);

/// <summary>
/// What hub and HTTP share: an event is checked, counted against its sender's limits, shown to the application's guards, and goes on: a
/// critical one into the log, an ephemeral one straight to the run's feed. Where no guard waits, everything before the queue is
/// synchronous, so a connection's events stay in its order.
/// </summary>
internal sealed class Publisher(
    RunLog log, Feeds feeds, EventTypeTable types, UserLimits limits, PublishGuards guards,
    StateRoom room, IOptions<CollabOptions> options, TimeProvider time)
{
    private readonly int _maxBytes = options.Value.Limits.EventBytes;
    private readonly bool _asksMore = guards.Any || room.IsBounded;

    /// <summary>Reads what a client sent, without judging yet who sent it.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c>: no such type, or a message id that is not a UUID.</exception>
    public Publish Parse(Guid runId, string? eventType, EventData data, string? messageId)
    {
        if (messageId is null) return new(runId, types.ForClient(eventType), data, Guid.CreateVersion7());
        return Guid.TryParseExact(messageId, "D", out var id)
            ? new(runId, types.ForClient(eventType), data, id)
            : throw RefusedException.Invalid("messageId must be a UUID such as 0198c0de-0000-7000-8000-000000000001, or null.");
    }

    /// <summary>Publishes for a user who may: <see cref="AdmitAsync"/>, and what comes out of it <see cref="SendAsync"/>.</summary>
    /// <exception cref="RefusedException">Any code but <c>unauthorized</c> and <c>forbidden</c>, and those too by a guard.</exception>
    public async ValueTask<PublishAck> PublishAsync(string userId, string? userName, ClaimsPrincipal? user, Publish publish) =>
        await SendAsync(userId, userName, await AdmitAsync(userId, userName, user, publish));

    /// <summary>What is left to send of a publish when limits, types and the application's guards have been asked.</summary>
    /// <param name="userId">Who publishes.</param>
    /// <param name="userName">What to call that user; null if there is no name but the id.</param>
    /// <param name="user">That user as authenticated, if anybody is.</param>
    /// <param name="publish">What.</param>
    /// <exception cref="RefusedException">It goes no further.</exception>
    public ValueTask<Publish> AdmitAsync(string userId, string? userName, ClaimsPrincipal? user, Publish publish)
    {
        if (publish.Type.Name == EventTypes.CursorMove) limits.TakeCursorMove(userId);
        else limits.TakePublish(userId);
        publish.Data.Check(publish.Type, _maxBytes);
        return _asksMore ? AskAsync(userId, userName, user, publish) : new(publish);
    }

    /// <summary>Queues what was admitted; synchronous up to there.</summary>
    /// <exception cref="RefusedException"><c>overloaded</c> or <c>unavailable</c>, or later <c>invalid_event</c> or
    /// <c>conflict</c>.</exception>
    public ValueTask<PublishAck> SendAsync(string userId, string? userName, Publish publish)
    {
        var (runId, type, data, messageId) = publish;
        if (type.IsCritical) return log.AppendAsync(new(runId, messageId, type.Name, userId, userName, data.Json));

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        feeds.Ephemeral(runId, type.Name, userId, userName, now, messageId, data.Json);
        return new(new PublishAck(messageId, SequenceNumber: null, now, Duplicate: false));
    }

    private async ValueTask<Publish> AskAsync(string userId, string? userName, ClaimsPrincipal? user, Publish publish)
    {
        if (guards.Any) publish = await guards.CheckAsync(publish, userId, userName, user, _maxBytes);
        if (publish.Type.IsCritical && room.IsBounded) await room.CheckAsync(publish, userId, userName);
        return publish;
    }
}
