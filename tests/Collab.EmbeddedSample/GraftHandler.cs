using Collab.AspNetCore;
using Collab.Protocol;

namespace Collab.EmbeddedSample;

// <handler>
internal sealed class GraftHandler(Orchestrator orchestrator) : IEventHandler<Graft>
{
    public Task HandleAsync(Graft data, CollaborationEvent e, CancellationToken cancellationToken) =>
        orchestrator.InsertAsync(e.RunId, data.After, data.AgentName, e.MessageId, cancellationToken);
}
// </handler>

/// <summary>Stands for what inserts agents; the message id tells it what it has done already.</summary>
internal sealed class Orchestrator(Engine engine)
{
    public Task InsertAsync(Guid runId, string after, string agentName, Guid messageId, CancellationToken cancellationToken)
    {
        engine.Insert(runId, after, agentName, messageId);
        return Task.CompletedTask;
    }
}
