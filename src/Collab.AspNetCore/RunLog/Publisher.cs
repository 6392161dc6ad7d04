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
/// What hub and HTTP share: an event is checked, counted against its sender's limits, and goes on: a critical one into the log, an
/// ephemeral one straight to the run's feed. Everything before the queue is synchronous, so a connection's events stay in its order.
/// </summary>
internal sealed class Publisher(
    RunLog log, Feeds feeds, EventTypeTable types, UserLimits limits, IOptions<CollabOptions> options, TimeProvider time)
{
    private readonly int _maxBytes = options.Value.Limits.EventBytes;

    /// <summary>Reads what a client sent, without judging yet who sent it.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c>: no such type, or a message id that is not a UUID.</exception>
    public Publish Parse(Guid runId, string? eventType, EventData data, string? messageId)
    {
        if (messageId is null) return new(runId, types.ForClient(eventType), data, Guid.CreateVersion7());
        return Guid.TryParseExact(messageId, "D", out var id)
            ? new(runId, types.ForClient(eventType), data, id)
            : throw RefusedException.Invalid("messageId must be a UUID such as 0198c0de-0000-7000-8000-000000000001, or null.");
    }

    /// <summary>Publishes for a user who may.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="userName">What to call that user; null if there is no name but the id.</param>
    /// <param name="publish">What.</param>
    /// <exception cref="RefusedException">Any code but <c>unauthorized</c> and <c>forbidden</c>.</exception>
    public ValueTask<PublishAck> PublishAsync(string userId, string? userName, Publish publish)
    {
        var (runId, type, data, messageId) = publish;
        if (type.Name == EventTypes.CursorMove) limits.TakeCursorMove(userId);
        else limits.TakePublish(userId);
        data.Check(type, _maxBytes);
        if (type.IsCritical) return log.AppendAsync(new(runId, messageId, type.Name, userId, userName, data.Json));

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        feeds.Ephemeral(runId, type.Name, userId, userName, now, messageId, data.Json);
        return new(new PublishAck(messageId, SequenceNumber: null, now, Duplicate: false));
    }
}
