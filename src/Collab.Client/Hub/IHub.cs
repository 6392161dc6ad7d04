using System.Text.Json;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// One hub connection: that of SignalR, or that of the conformance scenarios. What fails throws a
/// <see cref="Microsoft.AspNetCore.SignalR.HubException"/> where the server answered so, anything else where no answer came.
/// </summary>
internal interface IHub : IAsyncDisposable
{
    Task OpenAsync(CancellationToken stop);

    Task<JoinResult> JoinAsync(Guid runId, long? afterSequence);

    Task<PublishAck> PublishAsync(Guid runId, string eventType, JsonElement data, Guid messageId);

    Task<PublishResult[]> PublishBatchAsync(Guid runId, PublishRequest[] events);

    Task MoveCursorAsync(Guid runId, string? nodeId);

    /// <param name="clientTimestamp">This client's clock, Unix milliseconds.</param>
    /// <param name="lastRoundTripMs">What the ping before took; null: there was none.</param>
    /// <param name="seen">Up to which number the run is applied; null: the server does not take it.</param>
    Task<Pong> PingAsync(double clientTimestamp, double? lastRoundTripMs, (Guid RunId, long Last)? seen);

    /// <summary>Drops the connection at once, without the other side's consent.</summary>
    void Abort();
}

/// <summary>Makes a hub connection that is not open yet.</summary>
/// <param name="token">Proves who connects; null where something else does.</param>
/// <param name="calls">What the server says.</param>
internal delegate IHub HubFactory(string? token, ServerCalls calls);

/// <summary>What a hub connection calls, in the order in which it comes, from any thread. None of it waits.</summary>
/// <param name="Received">Events of a run.</param>
/// <param name="Told">What the state of a run comes to.</param>
/// <param name="Closed">
/// An open connection has ended, with the reason if it was lost, and what the server's close message says about coming back, if there was
/// one.
/// </param>
internal sealed record ServerCalls(
    Action<Guid, CollaborationEvent[]> Received, Action<Guid, StateFingerprint> Told, Action<Exception?, bool?> Closed);
