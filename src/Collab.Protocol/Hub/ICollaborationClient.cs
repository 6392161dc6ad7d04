namespace Collab.Protocol;

/// <summary>What the server calls on a client.</summary>
public interface ICollaborationClient
{
    /// <summary>Critical and ephemeral events of a joined run, critical ones in sequence order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="events">One or more events.</param>
    /// <returns>Nothing is awaited by the server.</returns>
    Task ReceiveEvents(Guid runId, IReadOnlyList<CollaborationEvent> events);

    /// <summary>
    /// What the state of a joined run comes to after an event that is yet to come: about every 256 events, and only to connections whose
    /// address asks for it, <c>?fingerprints=true</c>.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="fingerprint">Compare when all events up to its number are folded in.</param>
    /// <returns>Nothing is awaited by the server.</returns>
    Task ReceiveFingerprint(Guid runId, StateFingerprint fingerprint);
}
