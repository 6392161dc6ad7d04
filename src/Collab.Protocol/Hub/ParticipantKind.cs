using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>What a participant of a run is, as the token's claim <c>kind</c> says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ParticipantKind>))]
public enum ParticipantKind
{
    /// <summary><c>person</c>: whatever the token does not call an agent.</summary>
    [JsonStringEnumMemberName("person")]
    Person,

    /// <summary><c>agent</c>: a program that takes part, with limits of its own.</summary>
    [JsonStringEnumMemberName("agent")]
    Agent,
}
