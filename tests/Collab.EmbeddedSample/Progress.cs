using Collab.Protocol;

namespace Collab.EmbeddedSample;

// <progress>
internal sealed record Progress(int Done, int Failed, string? LastStep)
{
    public Progress()
        : this(0, 0, null)
    {
    }

    public static Progress After(Progress before, CollaborationEvent e)
    {
        if (e.EventType != "STEP_FINISHED") return before;
        var step = e.As<StepFinished>();
        return step.Outcome == Outcome.Succeeded
            ? before with { Done = before.Done + 1, LastStep = step.StepId }
            : before with { Failed = before.Failed + 1, LastStep = step.StepId };
    }
}
// </progress>
