namespace Collab.Protocol;

/// <summary>An answer that all servers of an installation have a part in.</summary>
public abstract record ClusterAnswer
{
    /// <summary>How many servers there are, the one that answers too: 1 if it is alone, or was asked for itself alone.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>
    /// What those servers are called that did not answer within a second, and are not in the answer. Empty: it is complete.
    /// </summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
