using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Collab.Protocol;

/// <summary>A state that an application adds: its name, how it begins, and how an event changes it.</summary>
internal abstract class OwnState(string name)
{
    public string Name => name;

    /// <summary>Called with what went wrong in an application's fold. The state stays as it was.</summary>
    public Action<string, Exception>? Failed { get; set; }

    /// <param name="name">Its name in every state.</param>
    /// <param name="initial">The state before the first event. Each run begins with a copy.</param>
    /// <param name="fold">Pure: the state after one more event.</param>
    /// <param name="json">How it is stored and sent.</param>
    /// <exception cref="NotSupportedException">The initial state cannot be written as JSON.</exception>
    public static OwnState Of<T>(string name, T initial, Func<T, CollaborationEvent, T> fold, JsonTypeInfo<T> json)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(initial, json);
        if (OwnStateJson.Problem(bytes) is { } problem) throw new NotSupportedException($"AddState: '{name}': {problem}");
        return new OwnState<T>(name, bytes, fold, json);
    }

    /// <summary>How it is stored and sent.</summary>
    public abstract JsonTypeInfo Json { get; }

    /// <summary>The value to go on from.</summary>
    /// <param name="stored">As JSON; null: from the first event on.</param>
    public abstract OwnValue Start(JsonElement? stored);
}

/// <param name="name">Its name in every state.</param>
/// <param name="initial">The state before the first event, as JSON.</param>
/// <param name="fold">Pure: the state after one more event.</param>
/// <param name="json">How it is stored and sent.</param>
internal sealed class OwnState<T>(string name, byte[] initial, Func<T, CollaborationEvent, T> fold, JsonTypeInfo<T> json) : OwnState(name)
{
    public override JsonTypeInfo Json => json;

    public override OwnValue Start(JsonElement? stored)
    {
        try
        {
            if (stored is { ValueKind: not JsonValueKind.Null } before && before.Deserialize(json) is { } state)
                return new OwnValue<T>(this, state, last: null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            Failed?.Invoke(Name, e);
        }
        return new OwnValue<T>(this, JsonSerializer.Deserialize(initial, json)!, initial);
    }

    public T Fold(T state, CollaborationEvent e)
    {
        try
        {
            return fold(state, e) ?? throw new InvalidOperationException("The fold has returned null.");
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Failed?.Invoke(Name, failure);
            return state;
        }
    }

    /// <summary>The JSON of a state; null, and told, if there is none that every store and client can hold.</summary>
    public byte[]? ToJson(T state)
    {
        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(state, json);
            return OwnStateJson.Problem(bytes) is { } problem ? throw new NotSupportedException(problem) : bytes;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Failed?.Invoke(Name, failure);
            return null;
        }
    }
}
