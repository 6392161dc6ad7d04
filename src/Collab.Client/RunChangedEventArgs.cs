namespace Collab.Client;

/// <summary>What <see cref="RunConnection.StateChanged"/> tells.</summary>
/// <param name="snapshot">How things are now.</param>
public sealed class RunChangedEventArgs(RunSnapshot snapshot) : EventArgs
{
    /// <summary>How things are now.</summary>
    public RunSnapshot Snapshot { get; } = snapshot;
}
