namespace Orchestrator;

/// <summary>A run as the engine knows it: its steps in their order, and what people want of them.</summary>
internal sealed class Workflow
{
    /// <summary>The run.</summary>
    public Guid Id { get; init; }

    public bool IsFinished { get; set; }

    public List<Step> Steps { get; } = [];

    /// <summary>The step whose turn it is; null: none is left.</summary>
    public Step? Next => Steps.Where(step => !step.IsOver).MinBy(step => step.Position);

    public static Workflow New(Guid id, params IEnumerable<string> names)
    {
        var workflow = new Workflow { Id = id };
        foreach (var (position, name) in names.Index()) workflow.Steps.Add(new() { Name = name, Position = position });
        return workflow;
    }

    public Step? Find(string name) => Steps.Find(step => step.Name == name);

    /// <summary>A step that work can go on with; null: there is none, or the run is finished.</summary>
    public Step? Open(string name) => IsFinished ? null : Find(name);

    /// <summary>
    /// Inserts an agent after a step, in place of the one that was inserted there before, if it has not begun.
    /// </summary>
    /// <param name="after">The step.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="wish">Which wish that is: one that is heard twice is obeyed once.</param>
    public void Graft(string after, string agent, Guid wish)
    {
        if (IsFinished || Find(after) is not { } before || Steps.Exists(step => step.Wish == wish)) return;
        Steps.RemoveAll(step => step.GraftedAfter == after && step.Status == StepStatus.Waiting);
        foreach (var later in Steps.Where(step => step.Position > before.Position)) later.Position++;
        // As the page calls it.
        var name = Find(agent) is null ? agent : $"{agent}@{after}";
        if (Find(name) is not null) name = $"{name}#{wish}";
        Steps.Add(new() { Name = name, Position = before.Position + 1, GraftedAfter = after, Wish = wish });
    }

    /// <summary>Skips a step, or takes it back in. What is over stays as it is.</summary>
    public void Prune(string name, bool isPruned)
    {
        if (Find(name) is { IsOver: false } step) step.IsPruned = isPruned;
    }

    /// <summary>Marks a step. If it has not begun, it is held for review when its turn comes.</summary>
    public void Flag(string name, string? note)
    {
        if (Find(name) is { IsOver: false } step) (step.Flag, step.IsReviewed) = (note ?? "", step.Status == StepStatus.Running);
    }

    /// <summary>Lets a flagged step go on.</summary>
    public void Approve(string name)
    {
        if (Find(name) is { } step) step.IsReviewed = true;
    }
}
