using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>What became of a client's connection at a moment, as its server saw it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlightStep>))]
public enum FlightStep
{
    /// <summary><c>opened</c>: it was let in.</summary>
    [JsonStringEnumMemberName("opened")]
    Opened,

    /// <summary><c>joined</c>: it follows a run from a number on.</summary>
    [JsonStringEnumMemberName("joined")]
    Joined,

    /// <summary><c>left</c>: it follows a run no longer.</summary>
    [JsonStringEnumMemberName("left")]
    Left,

    /// <summary><c>ended</c>: the server ends it, for a reason.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,

    /// <summary><c>closed</c>: it is gone.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,
}
