using Collab.AspNetCore;
using Collab.Protocol;

namespace Orchestrator;

/// <summary>
/// Obeys people. Each wish comes at least once and in the order of the run, also one from before a crash; so a wish that is heard twice
/// must change nothing more, and none of these does.
/// </summary>
internal sealed class Steering(Workflows workflows)
    : IEventHandler<Graft>, IEventHandler<Prune>, IEventHandler<Flag>, IEventHandler<StepApproved>, IEventHandler<RunEnd>
{
    public Task HandleAsync(Graft data, CollaborationEvent e, CancellationToken cancellationToken) =>
        ChangeAsync(e, workflow => workflow.Graft(data.After, data.AgentName, e.MessageId), cancellationToken);

    public Task HandleAsync(Prune data, CollaborationEvent e, CancellationToken cancellationToken) =>
        ChangeAsync(e, workflow => workflow.Prune(data.StepId, data.IsPruned), cancellationToken);

    public Task HandleAsync(Flag data, CollaborationEvent e, CancellationToken cancellationToken) =>
        ChangeAsync(e, workflow => workflow.Flag(data.StepId, data.Note), cancellationToken);

    public Task HandleAsync(StepApproved data, CollaborationEvent e, CancellationToken cancellationToken) =>
        ChangeAsync(e, workflow => workflow.Approve(data.StepId), cancellationToken);

    /// <summary>A person may end the run before its last step; the engine says so too when it has carried it out.</summary>
    public Task HandleAsync(RunEnd data, CollaborationEvent e, CancellationToken cancellationToken) =>
        ChangeAsync(e, workflow => workflow.IsFinished = true, cancellationToken);

    private Task ChangeAsync(CollaborationEvent e, Action<Workflow> change, CancellationToken stop) => workflows.ChangeAsync(
        e.RunId,
        (workflow, _) =>
        {
            change(workflow);
            return true;
        },
        stop);
}
