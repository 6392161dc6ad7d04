using Collab.Client;

namespace Collab.Cli.Watch;

/// <summary>
/// Ends a watch that leaves out what happened before where the run's end is a part of that: no event will ever come. Else its last event
/// is read as any other, and ends the watch.
/// </summary>
internal sealed class WatchEnd(bool withHistory, CancellationTokenSource over)
{
    private bool _hasGoneOn;

    /// <summary>Called with one snapshot after the other.</summary>
    public void Know(RunSnapshot now)
    {
        if (withHistory || now.Epoch is null) return;
        if (!now.Ended) _hasGoneOn = true;
        else if (!_hasGoneOn) over.Cancel();
    }
}
