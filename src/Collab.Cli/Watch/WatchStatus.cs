using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Watch;

/// <summary>Says how a run is connected, each time that it changes in a way that matters to the user.</summary>
internal sealed class WatchStatus(Target target)
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private object? _said;
    private string? _here;
    private bool _hasBeenConnected;
    private ConnectionEnding? _ending;

    /// <summary>Completes when all is said of a run that has ended, but for the end itself.</summary>
    public Task SaidAllButTheEnd => _end.Task;

    /// <summary>Called with one snapshot after the other.</summary>
    public void Tell(RunSnapshot now)
    {
        SayWhy(now.Reason);
        Say(now.Connection);
        if (now.IsConnected)
        {
            TellWhoIsHere(now);
            _hasBeenConnected = true;
        }
        if (now.Ended) _end.TrySetResult();
    }

    /// <summary>Called with what is missing before the event that is printed next.</summary>
    public static void Tell(Missing missing, Guid runId) => Print(missing.Sentence(runId));

    /// <summary>Called once no event can follow.</summary>
    public static void TellEnd(RunSnapshot now) =>
        Print(now.Outcome is { } outcome ? $"the run has ended: {outcome}" : "the run has ended");

    /// <summary>Before what follows from it.</summary>
    private void SayWhy(ConnectionEnding? ending)
    {
        if (ending is not null && ending != _ending)
            Print($"the server ended the connection ({ending.Code.ToWire()}): {ending.Message.TrimEnd('.')}");
        _ending = ending;
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
        // It is not reachable either as long as the first poll is under way: that says nothing yet.
        ConnectionState.Polling when !target.Why.PollHasFailed => null,
        ConnectionState.Polling => $"the server does not answer over HTTP either{target.Why.Clause}; trying again",
        ConnectionState.Reconnecting => _hasBeenConnected
            ? $"connection lost{target.Why.Clause}; trying again"
            : $"no connection{target.Why.Clause}; trying again",
        _ => null,
    };

    /// <summary>While polling nobody is told who comes and goes.</summary>
    private void TellWhoIsHere(RunSnapshot now)
    {
        if (_hasBeenConnected && !now.UsingFallback) return;
        var here = string.Join(", ", now.ActiveUsers.Select(now.NameOf));
        if (here != _here) Print($"here: {here}");
        _here = here;
    }

    private static void Print(string sentence) => Terminal.Error.WriteLine(Terminal.Error.Dim($"-- {Plain.Text(sentence)}"));
}
