namespace Collab.Protocol;

/// <summary>What the server calls on a client.</summary>
public interface ICollaborationClient
{
    /// <summary>Critical and ephemeral events of a joined run, critical ones in sequence order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="events">One or more events.</param>
    /// <returns>Nothing is awaited by the server.</returns>
    Task ReceiveEvents(Guid runId, IReadOnlyList<CollaborationEvent> events);
}
