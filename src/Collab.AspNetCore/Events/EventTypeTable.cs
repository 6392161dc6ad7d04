using System.Collections.Frozen;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Events;

/// <summary>
/// The event types that this server knows: those that were added in code, the built-in ones among them, and the configured ones.
/// </summary>
internal sealed class EventTypeTable
{
    private readonly FrozenDictionary<string, EventType> _types;
    private readonly FrozenDictionary<Type, EventType> _ofData;

    public EventTypeTable(IOptions<CollabOptions> options, IEnumerable<EventType> added)
    {
        var configured = options.Value.Events.Select(e =>
            new EventType(e.Key, e.Value.Kind == EventKind.Critical, EventSender.Writer) { LatestBy = e.Value.LatestBy });
        _types = added.Concat(configured).ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
        _ofData = _types.Values.Where(t => t.Data is not null).ToFrozenDictionary(t => t.Data!.Type);
    }

    /// <summary>A cursor is a form of presence, so a user who may see a run may show one.</summary>
    public static EventType CursorMove { get; } =
        new(EventTypes.CursorMove, IsCritical: false, EventSender.Reader, data => DataFields.OptionalString(data, "nodeId"u8));

    /// <summary>All of them.</summary>
    public IEnumerable<EventType> All => _types.Values;

    /// <summary>The field by which the newest events of a type are kept, by type.</summary>
    public IReadOnlyDictionary<string, string> LatestBy =>
        All.Where(t => t.LatestBy is not null).ToDictionary(t => t.Name, t => t.LatestBy!, StringComparer.Ordinal);

    /// <summary>The type that a client names.</summary>
    /// <exception cref="RefusedException"><c>invalid_event</c>: unknown, or only the server makes it.</exception>
    public EventType ForClient(string? name)
    {
        if (name is null || !_types.TryGetValue(name, out var type)) throw RefusedException.Invalid("Unknown event type.");
        if (type.Sender != EventSender.Server) return type;
        throw RefusedException.Invalid($"{type.Name} is announced by the server; clients cannot publish it.");
    }

    /// <summary>The type of event whose data is of a CLR type; null if none was added for it.</summary>
    public EventType? ForData(Type data) => _ofData.GetValueOrDefault(data);
}
