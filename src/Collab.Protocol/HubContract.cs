using System.Text.Json;
using System.Text.Json.Serialization;

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
}

/// <summary>What the server calls on a client.</summary>
public interface ICollaborationClient
{
    /// <summary>Critical and ephemeral events of a joined run, critical ones in sequence order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="events">One or more events.</param>
    /// <returns>Nothing is awaited by the server.</returns>
    Task ReceiveEvents(Guid runId, IReadOnlyList<CollaborationEvent> events);
}

/// <summary>The answer to a publish. A critical event is durable when this arrives.</summary>
/// <param name="MessageId">The id of the event.</param>
/// <param name="SequenceNumber">Its place in the run; null for an ephemeral event.</param>
/// <param name="Timestamp">Unix milliseconds, the server's clock at commit.</param>
/// <param name="Duplicate">True if an event with this id was already stored: the other fields are that event's.</param>
public sealed record PublishAck(Guid MessageId, long? SequenceNumber, long Timestamp, bool Duplicate);

/// <summary>The answer to <see cref="ICollaborationHub.JoinRun"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log. A client that knows another one forgets its position and starts from <paramref name="State"/>.</param>
/// <param name="Events">The events after the given position, ascending.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="Truncated">True if events after the given position have been trimmed: <paramref name="State"/> still covers them.</param>
/// <param name="State">What all events add up to.</param>
/// <param name="ActiveUsers">The users who are there, sorted.</param>
/// <param name="CursorPositions">The step each user's cursor is on, by user id.</param>
/// <param name="UserNames">Names of those users, by user id: of each whose token has one. Null, and absent, if there are none.</param>
public sealed record JoinResult(
    Guid RunId,
    Guid Epoch,
    IReadOnlyList<CollaborationEvent> Events,
    long LastSequence,
    long OldestSequence,
    bool Truncated,
    RunState State,
    IReadOnlyList<string> ActiveUsers,
    IReadOnlyDictionary<string, string> CursorPositions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? UserNames = null);

/// <summary>The answer to <see cref="ICollaborationHub.Ping"/>.</summary>
/// <param name="ClientTimestamp">What the client sent.</param>
/// <param name="ServerTimestamp">The server's clock, Unix milliseconds.</param>
/// <param name="LastSequences">The last sequence number of each run this connection joined. A client that has seen less, and stays behind, joins again.</param>
public sealed record Pong(double ClientTimestamp, long ServerTimestamp, IReadOnlyDictionary<Guid, long> LastSequences);
