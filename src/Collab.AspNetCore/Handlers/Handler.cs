using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Handlers;

/// <summary>A handler: the event types that it is for, and how an event reaches it.</summary>
internal sealed class Handler
{
    private readonly Type _type;
    private readonly FrozenDictionary<string, Invoke>? _byType;

    /// <exception cref="InvalidOperationException">It handles nothing, or what the server does not know.</exception>
    public Handler(HandlerRegistration registration, EventTypeTable types)
    {
        (Name, _type, Options) = (registration.Name, registration.Type, registration.Options);
        var byType = _type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEventHandler<>))
            .Select(i => i.GetGenericArguments()[0])
            .ToDictionary(data => EventTypeOf(data, types).Name, data => InvokerOf(data, types), StringComparer.Ordinal);
        if (typeof(IRunHandler).IsAssignableFrom(_type))
        {
            if (byType.Count > 0) throw Wrong("implements IRunHandler and IEventHandler<T>; one of them.");
            foreach (var name in Options.EventTypes) byType[NamedType(name, types)] = InvokeRawAsync;
            if (byType.Count == 0) return;
        }
        if (byType.Count == 0) throw Wrong("implements neither IEventHandler<T> nor IRunHandler.");
        _byType = byType.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private delegate Task Invoke(object handler, CollaborationEvent e, CancellationToken cancellationToken);

    public string Name { get; }

    public HandlerOptions Options { get; }

    public bool Handles(string eventType) => _byType is null || _byType.ContainsKey(eventType);

    /// <summary>Handles an event, in a scope of its own.</summary>
    public async Task HandleAsync(IServiceProvider services, LoggedEvent logged, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var e = JsonSerializer.Deserialize(logged.Json, CollabJson.Default.CollaborationEvent)!;
        var invoke = _byType is null ? InvokeRawAsync : _byType[e.EventType];
        await invoke(scope.ServiceProvider.GetRequiredService(_type), e, cancellationToken);
    }

    private static Task InvokeRawAsync(object handler, CollaborationEvent e, CancellationToken cancellationToken) =>
        ((IRunHandler)handler).HandleAsync(e, cancellationToken);

    private EventType EventTypeOf(Type data, EventTypeTable types)
    {
        var type = types.ForData(data)
            ?? throw Wrong($"handles {data.Name}, which no event type has for its data: AddEvent<{data.Name}>(name) is missing.");
        return type.IsCritical ? type : throw Ephemeral(type.Name);
    }

    private string NamedType(string name, EventTypeTable types) => types.All.FirstOrDefault(t => t.Name == name) switch
    {
        null => throw Wrong($"handles {name}: there is no such event type."),
        { IsCritical: false } => throw Ephemeral(name),
        _ => name,
    };

    private Invoke InvokerOf(Type data, EventTypeTable types) => (Invoke)typeof(Handler)
        .GetMethod(nameof(InvokeTyped), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
        .MakeGenericMethod(data).Invoke(null, [types.ForData(data)!.Data!.Json])!;

    private static Invoke InvokeTyped<T>(JsonTypeInfo<T> json)
        where T : notnull => (handler, e, cancellationToken) => ((IEventHandler<T>)handler).HandleAsync(e.As(json), e, cancellationToken);

    private InvalidOperationException Ephemeral(string eventType) =>
        Wrong($"handles {eventType}, which is ephemeral: such events are not kept, and cannot be handled.");

    private InvalidOperationException Wrong(string sentence) => new($"Handler '{Name}' ({_type.Name}) {sentence}");
}
