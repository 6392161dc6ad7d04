using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>What a quality score amounts to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConnectionStatus>))]
public enum ConnectionStatus
{
    /// <summary><c>HEALTHY</c>: a score of 80 or more.</summary>
    [JsonStringEnumMemberName("HEALTHY")]
    Healthy,

    /// <summary><c>DEGRADED</c>: a score from 50 to below 80.</summary>
    [JsonStringEnumMemberName("DEGRADED")]
    Degraded,

    /// <summary><c>UNHEALTHY</c>: a score below 50.</summary>
    [JsonStringEnumMemberName("UNHEALTHY")]
    Unhealthy,
}
