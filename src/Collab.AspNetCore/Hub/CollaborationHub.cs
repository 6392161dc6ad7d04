using Collab.AspNetCore.Events;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Collab.AspNetCore.Hub;

/// <summary>The hub as clients see it (<see cref="ICollaborationHub"/>): each method authorises, calls one thing, and returns.</summary>
internal sealed class CollaborationHub(Publisher publisher, UserLimits limits, TimeProvider time) : Hub<ICollaborationClient>
{
    private HubSession Session => HubSession.Of(Context);

    public Task<JoinAnswer> JoinRun(string? runId, long? afterSequence) => JoinAsync(runId, afterSequence, JoinRoom.EventBytes);

    public Task LeaveRun(string? runId) => Session.LeaveAsync(RunIds.Parse(runId));

    public ValueTask<PublishAck> Graft(string? runId, EventData data, string? messageId) =>
        Publish(runId, EventTypes.Graft, data, messageId);

    public ValueTask<PublishAck> Prune(string? runId, EventData data, string? messageId) =>
        Publish(runId, EventTypes.Prune, data, messageId);

    public ValueTask<PublishAck> Flag(string? runId, EventData data, string? messageId) => Publish(runId, EventTypes.Flag, data, messageId);

    public ValueTask<PublishAck> Publish(string? runId, string? eventType, EventData data, string? messageId) =>
        Session.PublishAsync(publisher.Parse(RunIds.Parse(runId), eventType, data, messageId));

    public Task<PublishResult[]> PublishBatch(string? runId, BatchEvents events, bool? atomic) =>
        Session.PublishBatchAsync(RunIds.Parse(runId), events, atomic ?? false);

    public ValueTask<PublishAck> MoveCursor(string? runId, string? nodeId) =>
        Session.PublishAsync(new(RunIds.Parse(runId), EventTypeTable.CursorMove, EventData.ForCursor(nodeId), Guid.CreateVersion7()));

    /// <remarks>A call may leave the last argument out (<see cref="OptionalArguments"/>).</remarks>
    public Pong Ping(double clientTimestamp, double? lastRoundTripMs, SeenReport? seen)
    {
        // JSON can say 1e999, and no answer could say it back.
        if (!double.IsFinite(clientTimestamp)) throw RefusedException.Invalid("clientTimestamp must be a finite number.");
        seen?.Check();
        limits.Take(Session.Caller, Reading.Ping);
        Session.ReportRoundTrip(lastRoundTripMs);
        return new(clientTimestamp, time.GetUtcNow().ToUnixTimeMilliseconds(), Session.LastSequences())
        {
            Seen = seen is null ? null : Session.ReportSeen(seen),
        };
    }

    /// <summary>
    /// Where <see cref="CollabHubProtocol"/> sends a join whose caller wants no answer: there is none to wait for before the events.
    /// </summary>
    public async Task JoinRunUnanswered(string? runId, long? afterSequence)
    {
        var answer = await JoinAsync(runId, afterSequence, maxEventBytes: long.MaxValue);
        answer.Room.Dispose();
        answer.Subscriber.AnswerIsWritten();
    }

    /// <summary>
    /// Where <see cref="CollabHubProtocol"/> sends a call whose arguments do not fit, so that it is refused with a code like any other.
    /// </summary>
#pragma warning disable CA1822 // SignalR only finds instance methods.
    public void RefuseCall(string? method, string reason) => throw RefusedException.Invalid(reason);
#pragma warning restore CA1822

    private Task<JoinAnswer> JoinAsync(string? runId, long? afterSequence, long maxEventBytes)
    {
        var (run, after) = (RunIds.Parse(runId), RunIds.ParsePosition(afterSequence));
        limits.Take(Session.Caller, Reading.Join);
        return Session.JoinAsync(run, after, maxEventBytes);
    }
}
