using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Collab.Client;

/// <summary>
/// Calls over one hub connection. One that is not answered in time means that the connection is dead, whatever TCP believes.
/// </summary>
/// <param name="strand">The turns.</param>
/// <param name="time">Measures.</param>
/// <param name="life">Of the link.</param>
/// <param name="lost">Told once why the connection is of no use any more.</param>
internal sealed class HubCalls(Strand strand, TimeProvider time, Lifetime life, Action<Exception> lost)
{
    public static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(15);
    private static readonly Dictionary<string, long> NothingMoved = [];
    private static readonly TimeSpan PingTime = TimeSpan.FromSeconds(5);

    /// <summary>Null before there is one.</summary>
    public IHub? Hub { get; set; }

    /// <summary>Measures a round trip.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="lastRoundTripMs">What the ping before took; null: there was none.</param>
    /// <param name="seen">Up to which number the run is applied; null: the server does not take it.</param>
    /// <returns>
    /// The server's time, null if it does not say; the newest event's number, null if this connection has not joined the run; whose marks
    /// have moved.
    /// </returns>
    public async Task<(DateTimeOffset? Time, long? Last, IReadOnlyDictionary<string, long> Moved)> PingAsync(
        Guid runId, double? lastRoundTripMs, long? seen)
    {
        var mark = seen is { } number ? (runId, number) : ((Guid, long)?)null;
        var pong = await CallAsync(PingTime, hub => hub.PingAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), lastRoundTripMs, mark));
        return (
            CollabException.TimeOf(pong.ServerTimestamp),
            pong.LastSequences.TryGetValue(runId, out var last) ? last : null,
            pong.Seen?.GetValueOrDefault(runId) ?? NothingMoved);
    }

    public async Task<T> CallAsync<T>(TimeSpan limit, Func<IHub, Task<T>> call)
    {
        if (Hub is not { } hub || life.IsOver) throw new NoAnswerException("There is no connection.");
        var late = new Alarm(strand, time, () => lost(new NoAnswerException("A call was not answered in time.")));
        late.Set(limit);
        try
        {
            return await call(hub).UntilAsync(life);
        }
        catch (HubException e)
        {
            // Without a code, the server failed in a way that it has no code for.
            throw Refusal.OfHub(e) ?? new CollabException(CollabErrorCode.Unavailable, e.Message);
        }
        catch (Exception e) when (e is not CollabException)
        {
            // Nothing to be told after the end; before it, this is the end.
            var reason = e as NoAnswerException ?? new NoAnswerException(e.Message, e);
            lost(reason.InnerException is EndedByServerException told ? told : reason);
            throw reason;
        }
        finally
        {
            late.Stop();
        }
    }
}
