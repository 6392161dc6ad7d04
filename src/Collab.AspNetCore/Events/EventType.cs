using System.Collections.Frozen;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Events;

/// <summary>One type of event: whether it is stored, what its data must hold, and who may publish it.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="IsCritical">Stored and numbered, or not.</param>
/// <param name="Sender">Who may publish it.</param>
/// <param name="Fields">The fields of the data that are checked.</param>
internal sealed record EventType(string Name, bool IsCritical, EventSender Sender, params DataField[] Fields);

/// <summary>Who may publish events of a type.</summary>
internal enum EventSender
{
    /// <summary>The server alone.</summary>
    Server,

    /// <summary>A user who may read the run.</summary>
    Reader,

    /// <summary>A user who may write to it.</summary>
    Writer,
}

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
            Critical(EventTypes.Graft, new("after", DataFieldKind.NonEmptyString), new("agentName", DataFieldKind.NonEmptyString)),
            Critical(EventTypes.Prune, new("stepId", DataFieldKind.NonEmptyString), new("isPruned", DataFieldKind.Boolean)),
            Critical(EventTypes.Flag, new("stepId", DataFieldKind.NonEmptyString), new("note", DataFieldKind.OptionalString)),
            CursorMove,
            new(EventTypes.UserJoin, IsCritical: false, EventSender.Server),
            new(EventTypes.UserLeave, IsCritical: false, EventSender.Server),
        ];
        var configured = options.Value.Events.Select(e => new EventType(e.Key, e.Value == EventKind.Critical, EventSender.Writer));
        _types = builtIn.Concat(configured).ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>A cursor is a form of presence, so a user who may see a run may show one.</summary>
    public static EventType CursorMove { get; } =
        new(EventTypes.CursorMove, IsCritical: false, EventSender.Reader, new DataField("nodeId", DataFieldKind.OptionalString));

    /// <summary>The type that a client names.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c>: unknown, or only the server makes it.</exception>
    public EventType ForClient(string? name)
    {
        if (name is null || !_types.TryGetValue(name, out var type)) throw RefusedException.Invalid("Unknown event type.");
        if (type.Sender != EventSender.Server) return type;
        throw RefusedException.Invalid($"{type.Name} is announced by the server; clients cannot publish it.");
    }

    private static EventType Critical(string name, params DataField[] fields) => new(name, IsCritical: true, EventSender.Writer, fields);
}
