using System.Text.Json.Serialization.Metadata;

namespace Collab.AspNetCore;

/// <summary>
/// More about a type of event that <see cref="CollabBuilder.AddEvent{T}"/> or <see cref="CollabBuilder.AddEphemeralEvent{T}"/> adds.
/// </summary>
/// <typeparam name="T">The type of its data.</typeparam>
public sealed class TypedEventOptions<T>
{
    /// <summary>
    /// How JSON becomes a <typeparamref name="T"/>. Default: by reflection, with camelCase names that must match exactly, numbers that are
    /// numbers, and everything required that is neither nullable nor has a default.
    /// </summary>
    public JsonTypeInfo<T>? Json { get; set; }

    /// <summary>
    /// The field of the data by which the newest events of the type are kept in every state, as <see cref="EventTypeOptions.LatestBy"/>:
    /// its name in JSON. Only for events that are stored. Default: none.
    /// </summary>
    public string? LatestBy { get; set; }

    /// <summary>
    /// Checks the data in place of reading it into a <typeparamref name="T"/>, where publishes come in fast. Default: none.
    /// </summary>
    public EventDataCheck? Check { get; set; }
}
