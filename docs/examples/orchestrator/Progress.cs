using Collab.Protocol;

namespace Orchestrator;

/// <summary>How far a run is. Folded from all its events since the first; it stands under its name in every state of the run.</summary>
/// <param name="Done">Steps that are done.</param>
/// <param name="Skipped">Steps that were pruned.</param>
/// <param name="Current">The step whose turn it is; null between two steps.</param>
/// <param name="IsFinished">Whether no step is left.</param>
internal sealed record Progress(int Done, int Skipped, string? Current, bool IsFinished)
{
    public Progress()
        : this(0, 0, Current: null, IsFinished: false)
    {
    }

    public static Progress After(Progress before, CollaborationEvent e) => e.EventType switch
    {
        StepHeld.Type => before with { Current = e.As<StepHeld>().StepId },
        StepStarted.Type => before with { Current = e.As<StepStarted>().StepId },
        StepFinished.Type => before with { Done = before.Done + 1, Current = null },
        StepSkipped.Type => before with { Skipped = before.Skipped + 1, Current = null },
        RunFinished.Type => before with { IsFinished = true },
        _ => before,
    };
}
