using Collab.AspNetCore;
using Collab.Protocol;

namespace Collab.EmbeddedSample;

// <inside>
internal sealed class Runner(ICollab collab)
{
    public async Task RunAsync(Guid id, CancellationToken stop)
    {
        var run = collab.Run(id);
        await run.PublishAsync(new StepFinished("PM", 12), new PublishOptions { UserId = "engine" }, stop);
        await run.PublishAsync(
            [NewEvent.Create("FLAG", new { stepId = "SRE" }), NewEvent.Create("PRUNE", new { stepId = "PM", isPruned = true })],
            cancellationToken: stop);
        await foreach (var e in run.FollowAsync(after: 0, cancellationToken: stop))
            if (e.EventType == "GRAFT") Insert(e.As<Graft>());
    }

    private static void Insert(Graft graft) => Console.WriteLine($"{graft.AgentName} after {graft.After}");
}
// </inside>
