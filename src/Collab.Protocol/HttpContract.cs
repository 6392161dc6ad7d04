using System.Text.Json;
using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The body of <c>POST …/collaboration/events</c>.</summary>
/// <param name="EventType">A built-in or configured type.</param>
/// <param name="Data">The event's data, an object.</param>
/// <param name="MessageId">A UUID made by the client, the same in every repeat; null lets the server make one.</param>
public sealed record PublishRequest(string EventType, JsonElement Data, Guid? MessageId);

/// <summary>The answer to <c>GET …/collaboration/poll</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="Events">The critical events after the given position, ascending.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="Truncated">True if events after the given position have been trimmed: read <c>…/state</c>.</param>
/// <param name="ActiveUsers">The users who are there, sorted.</param>
/// <param name="CursorPositions">The step each user's cursor is on, by user id.</param>
/// <param name="UserNames">Names of those users, by user id: of each whose token has one. Null, and absent, if there are none.</param>
public sealed record PollResult(
    Guid RunId,
    Guid Epoch,
    IReadOnlyList<CollaborationEvent> Events,
    long LastSequence,
    long OldestSequence,
    bool Truncated,
    IReadOnlyList<string> ActiveUsers,
    IReadOnlyDictionary<string, string> CursorPositions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? UserNames = null);

/// <summary>The answer to <c>GET …/collaboration/replay</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="Events">The kept events that match, ascending, at most <c>limit</c>.</param>
/// <param name="TotalEvents">How many kept events match, whatever the limit.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="HasMore">True if more events match after the last of <paramref name="Events"/>.</param>
/// <param name="UserNames">Names of the users of the events, by user id: of each whose token has one. Null, and absent, if there are none.</param>
public sealed record ReplayResult(
    Guid RunId,
    Guid Epoch,
    IReadOnlyList<CollaborationEvent> Events,
    int TotalEvents,
    long LastSequence,
    long OldestSequence,
    bool HasMore,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? UserNames = null);

/// <summary>The first message of <c>GET …/collaboration/stream</c>, named <c>run</c>: where the stream starts.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="Truncated">True if events after the given position have been trimmed: read <c>…/state</c>.</param>
public sealed record StreamStart(Guid RunId, Guid Epoch, long LastSequence, long OldestSequence, bool Truncated);

/// <summary>One run in a list.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="LastSequence">The newest event's number.</param>
/// <param name="CreatedAt">When the first event was committed, Unix milliseconds.</param>
/// <param name="UpdatedAt">When the newest event was committed, Unix milliseconds.</param>
/// <param name="LastEvent">The newest event.</param>
/// <param name="ActiveUsers">The users who are there on this server, sorted.</param>
public sealed record RunSummary(
    Guid RunId,
    Guid Epoch,
    long LastSequence,
    long CreatedAt,
    long UpdatedAt,
    CollaborationEvent? LastEvent,
    IReadOnlyList<string> ActiveUsers);

/// <summary>A page of runs, newest activity first.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="NextCursor">Pass it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record RunPage(IReadOnlyList<RunSummary> Runs, string? NextCursor);

/// <summary>A token for development.</summary>
/// <param name="Token">A JWT.</param>
/// <param name="ExpiresAt">When it ends, ISO 8601.</param>
public sealed record DevToken(string Token, DateTimeOffset ExpiresAt);

/// <summary>The last message of an event stream that the server ends, named <c>end</c>.</summary>
/// <param name="Code">An <see cref="EndingCode"/> as on the wire.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="AllowReconnect">Whether the client may open the stream again by itself.</param>
public sealed record StreamEnd(string Code, string Message, bool AllowReconnect);
