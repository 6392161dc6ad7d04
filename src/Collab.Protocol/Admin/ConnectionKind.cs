using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>By what way a client follows runs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConnectionKind>))]
public enum ConnectionKind
{
    /// <summary><c>websocket</c>: the hub over a WebSocket.</summary>
    [JsonStringEnumMemberName("websocket")]
    WebSocket,

    /// <summary><c>sse</c>: the hub over SignalR's server-sent events.</summary>
    [JsonStringEnumMemberName("sse")]
    Sse,

    /// <summary><c>longpolling</c>: the hub over SignalR's long polling.</summary>
    [JsonStringEnumMemberName("longpolling")]
    LongPolling,

    /// <summary><c>stream</c>: <c>GET /api/runs/{runId}/collaboration/stream</c>.</summary>
    [JsonStringEnumMemberName("stream")]
    Stream,

    /// <summary><c>poll</c>: a poll that waits for news.</summary>
    [JsonStringEnumMemberName("poll")]
    Poll,
}
