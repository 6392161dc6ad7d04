using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>A user who is in a run, as those see it who ask for <c>presence=full</c>.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Kind">A person or an agent.</param>
/// <param name="Name">What to call the user. Null, and absent, if there is no name but the id.</param>
/// <param name="Seen">
/// The number of the newest event up to which the user's clients have applied the run, the highest of several; null: none of them has said.
/// </param>
public sealed record PresenceEntry(
    string UserId,
    ParticipantKind Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    long? Seen = null);
