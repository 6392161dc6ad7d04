using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>How far a server is on its way out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DrainState>))]
public enum DrainState
{
    /// <summary><c>serving</c>: it is not.</summary>
    [JsonStringEnumMemberName("serving")]
    Serving,

    /// <summary><c>waiting</c>: it is unready, so that nothing new is sent to it, and goes on as before.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary><c>closing</c>: it lets nothing new in, and tells its connections to go, some every second.</summary>
    [JsonStringEnumMemberName("closing")]
    Closing,

    /// <summary><c>drained</c>: all of them were told.</summary>
    [JsonStringEnumMemberName("drained")]
    Drained,
}
