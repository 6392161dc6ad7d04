using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Client;

namespace Collab.Cli.Watch;

/// <summary>Says how a run is connected, each time that it changes in a way that matters to whoever watches.</summary>
/// <param name="target">The server.</param>
/// <param name="after">The events after this number are wanted; null if the past does not matter.</param>
internal sealed class WatchStatus(Target target, long? after)
{
    private object? _said;
    private string? _here;
    private bool _hasBeenConnected;

    /// <summary>Called with one snapshot after the other.</summary>
    public void Tell(RunSnapshot now)
    {
        Say(now.Connection);
        if (!now.IsConnected) return;
        TellWhoIsHere(now);
        if (!_hasBeenConnected) TellWhatIsMissing(now);
        _hasBeenConnected = true;
    }

    /// <summary>Once is enough while nothing changes but the number of attempts.</summary>
    private void Say(ConnectionState state)
    {
        object kind = state is ConnectionState.Polling polling ? polling.Reachable : state.GetType();
        if (kind.Equals(_said) || Sentence(state) is not { } sentence) return;
        _said = kind;
        Print(sentence);
    }

    private string? Sentence(ConnectionState state) => state switch
    {
        ConnectionState.Live => _hasBeenConnected ? "connected again" : $"connected to {target.Server}",
        ConnectionState.Polling { Reachable: true } => "polling over HTTP, the WebSocket does not get through",
        ConnectionState.Polling => $"the server does not answer over HTTP either{target.Why.Clause}; trying again",
        ConnectionState.Reconnecting => _hasBeenConnected ? $"connection lost{target.Why.Clause}; trying again" : $"no connection{target.Why.Clause}; trying again",
        _ => null,
    };

    /// <summary>While polling nobody is told who comes and goes.</summary>
    private void TellWhoIsHere(RunSnapshot now)
    {
        if (_hasBeenConnected && !now.UsingFallback) return;
        var here = string.Join(", ", now.ActiveUsers);
        if (here != _here) Print($"here: {here}");
        _here = here;
    }

    private void TellWhatIsMissing(RunSnapshot now)
    {
        var oldest = now.Events.Count > 0 ? now.OldestSequence : now.LastSequence + 1;
        if (after is { } known && oldest > known + 1) Print(Missing.Sentence(now.RunId, known, oldest));
    }

    private static void Print(string sentence) => Terminal.Error.WriteLine(Terminal.Error.Dim($"-- {Plain.Text(sentence)}"));
}

/// <summary>Events that cannot be had any more.</summary>
internal static class Missing
{
    /// <summary>What to say about those after a number, up to the oldest that is kept.</summary>
    public static string Sentence(Guid runId, long after, long oldest) =>
        $"events {after + 1} to {oldest - 1} are no longer kept; `collab state {runId}` covers them";
}
