namespace Collab.Protocol;

/// <summary>How things stood at one moment, and what has happened in the interval before it.</summary>
/// <param name="At">
/// The moment, Unix milliseconds, a multiple of the interval, so that those of several servers can be put together.
/// </param>
/// <param name="Connections">Hub connections that were open.</param>
/// <param name="Streams">Event streams, and polls that waited.</param>
/// <param name="MessagesIn">Publishes and cursor moves that arrived in the interval; of several servers their sum.</param>
/// <param name="MessagesOut">Events that were handed to hub connections in the interval.</param>
/// <param name="Polls">Poll requests in the interval.</param>
/// <param name="Errors">What failed or was refused in the interval.</param>
/// <param name="LatencyP50">
/// Median of the open connections' mean round trips, in milliseconds; of several servers the highest. Null: no client has reported one.
/// </param>
/// <param name="LatencyP95">The value that 95 % of them do not exceed; of several servers the highest. Null as above.</param>
/// <param name="Endings">
/// Connections, streams and waiting polls that the server ended in the interval, by the code of the reason (<c>slow</c>, <c>expired</c>,
/// …); codes without one are left out.
/// </param>
public sealed record HistorySample(
    long At,
    int Connections,
    int Streams,
    long MessagesIn,
    long MessagesOut,
    long Polls,
    long Errors,
    double? LatencyP50,
    double? LatencyP95,
    IReadOnlyDictionary<string, long> Endings);
