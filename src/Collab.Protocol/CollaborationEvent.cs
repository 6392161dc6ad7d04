using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Collab.Protocol;

/// <summary>Something that happened in a run. The same JSON on the hub, in a poll, a replay and the stream.</summary>
/// <param name="RunId">The run it happened in.</param>
/// <param name="SequenceNumber">Its place in the run's order: 1, 2, 3, … without a gap. Null on ephemeral events, which have none.</param>
/// <param name="EventType">One of <see cref="EventTypes"/>, or a type that the server's configuration adds.</param>
/// <param name="UserId">Who caused it: the token's <c>sub</c>.</param>
/// <param name="Timestamp">Unix milliseconds, the server's clock at commit.</param>
/// <param name="Data">
/// What it says: an object whose required fields depend on <paramref name="EventType"/>; further fields are kept.
/// </param>
/// <param name="IsCritical">True if it changes the pipeline: stored, numbered, and never lost. False if it matters only now.</param>
/// <param name="MessageId">The id that the publisher gave it, by which a repeat is recognised.</param>
/// <param name="UserName">
/// What to call that user: the token's name. Null, and absent, if it has none or the same as <paramref name="UserId"/>.
/// </param>
public sealed record CollaborationEvent(
    Guid RunId,
    long? SequenceNumber,
    string EventType,
    string UserId,
    long Timestamp,
    JsonElement Data,
    bool IsCritical,
    Guid MessageId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserName = null)
{
    /// <summary>
    /// What signs the event and links it to the one before: the id of the server's key, an HMAC, and the beginning of the HMAC before it.
    /// Null, and absent, where the server signs nothing.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Signature { get; init; }

    /// <summary>The data as an object, by reflection: camelCase names, and what the type requires must be there.</summary>
    /// <typeparam name="T">
    /// The type that belongs to <see cref="EventType"/>, such as <see cref="Graft"/> to <see cref="EventTypes.Graft"/>.
    /// </typeparam>
    /// <returns>A new object; fields that the type does not know are left out.</returns>
    /// <exception cref="JsonException">The data is not of that type.</exception>
    [RequiresUnreferencedCode("Reads the type by reflection. Where code is trimmed, use the overload that takes a JsonTypeInfo.")]
    [RequiresDynamicCode("Reads the type by reflection. Where code is compiled ahead, use the overload that takes a JsonTypeInfo.")]
    public T As<T>() => Data.Deserialize<T>(EventDataJson.Options) ?? throw IsNull();

    /// <summary>The data as an object, without reflection.</summary>
    /// <typeparam name="T">The type that belongs to <see cref="EventType"/>.</typeparam>
    /// <param name="type">
    /// From a <see cref="JsonSerializerContext"/>, whose options count; <see cref="CollabJson"/> has those of the built-in types.
    /// </param>
    /// <returns>A new object; fields that the type does not know are left out.</returns>
    /// <exception cref="JsonException">The data is not of that type.</exception>
    public T As<T>(JsonTypeInfo<T> type) => Data.Deserialize(type) ?? throw IsNull();

    private JsonException IsNull() => new($"{EventType} has no data.");
}
