using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// What a client can call on the hub. SignalR matches arguments by count: pass every argument, null where optional.
/// A refusal is a <c>HubException</c> whose message starts with a code in brackets, for example <c>[rate_limited] …</c>.
/// </summary>
public interface ICollaborationHub
{
    /// <summary>Subscribes this connection to a run and answers with what it has missed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="afterSequence">The last sequence number the client has; null or 0 for all kept events.</param>
    /// <returns>The missed events, the state, and who is there. No later event can be missed after this answer.</returns>
    Task<JoinResult> JoinRun(string runId, long? afterSequence);

    /// <summary>Ends this connection's subscription to a run. Nothing happens if there is none.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>Completes when the connection has left.</returns>
    Task LeaveRun(string runId);

    /// <summary>Publishes a <see cref="EventTypes.Graft"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="data"><c>after</c> and <c>agentName</c>, non-empty strings.</param>
    /// <param name="messageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
    /// <returns>Completes when the event is durable.</returns>
    Task<PublishAck> Graft(string runId, JsonElement data, string? messageId);

    /// <summary>Publishes a <see cref="EventTypes.Prune"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="data"><c>stepId</c>, a non-empty string, and <c>isPruned</c>, a boolean.</param>
    /// <param name="messageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
    /// <returns>Completes when the event is durable.</returns>
    Task<PublishAck> Prune(string runId, JsonElement data, string? messageId);

    /// <summary>Publishes a <see cref="EventTypes.Flag"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="data"><c>stepId</c>, a non-empty string, and optionally <c>note</c>.</param>
    /// <param name="messageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
    /// <returns>Completes when the event is durable.</returns>
    Task<PublishAck> Flag(string runId, JsonElement data, string? messageId);

    /// <summary>Publishes an event of any type that clients may publish.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="eventType">A built-in or configured type.</param>
    /// <param name="data">The event's data, an object.</param>
    /// <param name="messageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
    /// <returns>Completes when a critical event is durable, at once for an ephemeral one.</returns>
    Task<PublishAck> Publish(string runId, string eventType, JsonElement data, string? messageId);

    /// <summary>Publishes 1 to 100 events of one run, each as by <see cref="Publish"/>, with nothing in between.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="events">The events, in the order that they shall have.</param>
    /// <param name="atomic">
    /// True: all are stored with numbers in a row, or none is, and the refusal names the place of the one that was at fault. False: each
    /// stands for itself,
    /// but behind the first one that may be tried again none is taken, so that trying again keeps the order.
    /// </param>
    /// <returns>What became of each, in their order. Completes when those that were stored are durable.</returns>
    Task<IReadOnlyList<PublishResult>> PublishBatch(string runId, IReadOnlyList<PublishRequest> events, bool atomic);

    /// <summary>Tells the others where this user's focus is. The run must have been joined.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="nodeId">The step, or null for no cursor.</param>
    /// <returns>Completes at once; of several moves in a short time only the last is sent on.</returns>
    Task MoveCursor(string runId, string? nodeId);

    /// <summary>Measures the round trip, and tells where the joined runs stand.</summary>
    /// <param name="clientTimestamp">The client's clock, Unix milliseconds; echoed.</param>
    /// <param name="lastRoundTripMs">The round trip that the client measured last, in milliseconds; null at first.</param>
    /// <returns>The server's clock and the last sequence of each joined run.</returns>
    Task<Pong> Ping(double clientTimestamp, double? lastRoundTripMs);

    /// <summary>As <see cref="Ping(double, double?)"/>, and says what the client has applied.</summary>
    /// <param name="clientTimestamp">The client's clock, Unix milliseconds; echoed.</param>
    /// <param name="lastRoundTripMs">The round trip that the client measured last, in milliseconds; null at first.</param>
    /// <param name="seen">
    /// By run, the number up to which the client has applied its events, 0 or more. A number that the run has not reached counts as its
    /// last one; a run that this connection has not joined is passed over. Null: the client does not say, and is not told.
    /// </param>
    /// <returns>The same, with <see cref="Pong.Seen"/>.</returns>
    Task<Pong> Ping(double clientTimestamp, double? lastRoundTripMs, IReadOnlyDictionary<Guid, long>? seen);
}
