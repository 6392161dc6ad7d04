namespace Orchestrator;

internal enum StepStatus
{
    Waiting,
    Held,
    Running,
    Done,
    Skipped,
}

/// <summary>A step of a workflow, as it is kept.</summary>
internal sealed class Step
{
    public int Id { get; init; }

    /// <summary>What events call it.</summary>
    public required string Name { get; init; }

    /// <summary>Its place among the others.</summary>
    public int Position { get; set; }

    public StepStatus Status { get; set; }

    /// <summary>The step after which people have inserted it; null: it was there from the start.</summary>
    public string? GraftedAfter { get; init; }

    /// <summary>The event by which they have.</summary>
    public Guid? Wish { get; init; }

    public bool IsPruned { get; set; }

    /// <summary>What people have to say about it; null: it is not flagged.</summary>
    public string? Flag { get; set; }

    public bool IsReviewed { get; set; }

    /// <summary>How long it is held at most, in Unix milliseconds.</summary>
    public long HeldUntil { get; set; }

    public string? Result { get; set; }

    public bool IsOver => Status is StepStatus.Done or StepStatus.Skipped;

    public bool NeedsReview => Flag is not null && !IsReviewed;
}
