using System.ComponentModel.DataAnnotations;

namespace Orchestrator;

// What the engine says of its steps. The data of each event is checked against its record, whoever publishes it.

/// <summary>An agent has begun with a step.</summary>
internal sealed record StepStarted([MinLength(1)] string StepId)
{
    public const string Type = "STEP_STARTED";
}

/// <summary>It is a flagged step's turn: it waits for approval, or for so many seconds.</summary>
internal sealed record StepHeld([MinLength(1)] string StepId, string? Note, [Range(0, 86_400)] double Seconds)
{
    public const string Type = "STEP_HELD";
}

/// <summary>A person has looked at a flagged step, and lets it go on. The only one that people publish.</summary>
internal sealed record StepApproved([MinLength(1)] string StepId)
{
    public const string Type = "STEP_APPROVED";
}

/// <summary>A step is done, with what came of it.</summary>
internal sealed record StepFinished([MinLength(1)] string StepId, string Result, string? Flag)
{
    public const string Type = "STEP_FINISHED";
}

/// <summary>A step was pruned, and is not carried out.</summary>
internal sealed record StepSkipped([MinLength(1)] string StepId)
{
    public const string Type = "STEP_SKIPPED";
}

/// <summary>No step is left.</summary>
internal sealed record RunFinished([Range(0, int.MaxValue)] int Done, [Range(0, int.MaxValue)] int Skipped)
{
    public const string Type = "RUN_FINISHED";
}
