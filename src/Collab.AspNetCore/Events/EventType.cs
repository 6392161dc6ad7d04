using System.Collections.Frozen;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Events;

/// <summary>One type of event: whether it is stored, what its data must hold, and who may publish it.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="IsCritical">Stored and numbered, or not.</param>
/// <param name="Access">What a user needs to publish it; null: only the server makes it.</param>
/// <param name="Fields">The fields of the data that are checked.</param>
internal sealed record EventType(string Name, bool IsCritical, RunAccess? Access, params DataField[] Fields);

/// <summary>A field that an event's data must, or may, have.</summary>
internal sealed record DataField(string Name, DataFieldKind Kind);

internal enum DataFieldKind
{
    NonEmptyString,
    OptionalString,
    Boolean,
}

/// <summary>The event types that this server knows: the built-in and the configured ones.</summary>
internal sealed class EventTypeTable
{
    private readonly FrozenDictionary<string, EventType> _types;

    public EventTypeTable(IOptions<CollabOptions> options)
    {
        EventType[] builtIn =
        [
            new(EventTypes.Graft, IsCritical: true, RunAccess.Write, new("after", DataFieldKind.NonEmptyString), new("agentName", DataFieldKind.NonEmptyString)),
            new(EventTypes.Prune, IsCritical: true, RunAccess.Write, new("stepId", DataFieldKind.NonEmptyString), new("isPruned", DataFieldKind.Boolean)),
            new(EventTypes.Flag, IsCritical: true, RunAccess.Write, new("stepId", DataFieldKind.NonEmptyString), new("note", DataFieldKind.OptionalString)),
            CursorMove,
            new(EventTypes.UserJoin, IsCritical: false, Access: null),
            new(EventTypes.UserLeave, IsCritical: false, Access: null),
        ];
        var configured = options.Value.Events.Select(e => new EventType(e.Key, e.Value == EventKind.Critical, RunAccess.Write));
        _types = builtIn.Concat(configured).ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>A cursor is a form of presence, so whoever may see a run may show one.</summary>
    public static EventType CursorMove { get; } = new(EventTypes.CursorMove, IsCritical: false, RunAccess.Read, new DataField("nodeId", DataFieldKind.OptionalString));

    /// <summary>The type that a client names.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c>: unknown, or only the server makes it.</exception>
    public EventType ForClient(string? name)
    {
        if (name is null || !_types.TryGetValue(name, out var type)) throw RefusedException.Invalid("Unknown event type.");
        return type.Access is null ? throw RefusedException.Invalid($"{type.Name} is announced by the server; clients cannot publish it.") : type;
    }
}
