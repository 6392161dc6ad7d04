using static Collab.Client.ConnectionState;

namespace Collab.Client;

/// <summary>The one state machine.</summary>
internal static class Transition
{
    /// <summary>The state after a signal. Pure; the same object where the signal changes nothing.</summary>
    public static ConnectionState Next(ConnectionState state, Signal signal) => (state, signal) switch
    {
        (Idle or Closed, Signal.Connect) => new Connecting(),
        (_, Signal.Connect) => state,
        (Closed, _) => state,
        (_, Signal.Close close) => new Closed(close.Error),
        (Idle, _) => state,

        (Reconnecting { RetryAt: not null } waiting, Signal.Attempt) => waiting with { RetryAt = null },
        (Polling { Probing: false } polling, Signal.Attempt) => polling with { Probing = true },
        (_, Signal.Attempt) => state,

        (Live, Signal.Joined) => state,
        (_, Signal.Joined) => new Live(),

        (Polling { Probing: true } polling, Signal.Failed) => polling with { Probing = false },
        (Polling, Signal.Failed) => state,
        (_, Signal.Failed { Fallback: true }) => new Polling(Probing: false, Reachable: false),
        (_, Signal.Failed failed) => new Reconnecting(failed.Failures + 1, failed.RetryAt),

        (Polling polling, Signal.Polled polled) when polling.Reachable != polled.Reachable => polling with { Reachable = polled.Reachable },
        _ => state,
    };
}
