using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Orchestrator;

/// <summary>
/// Carries out workflows, step by step. All that it has to know is in the database: killed at any moment, it goes on where it was. The work
/// of a step that was under way is done again; its result and the event that tells of it commit together, so they are there once.
/// </summary>
internal sealed partial class Engine(
    Workflows workflows, Agents agents, IOptions<EngineOptions> options, TimeProvider time, ILogger<Engine> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var unfinished = await workflows.UnfinishedAsync(stoppingToken);
        await Task.WhenAll(unfinished.Select(id => RunAsync(id, stoppingToken)));
    }

    private async Task RunAsync(Guid id, CancellationToken stop)
    {
        while (true)
        {
            var changed = workflows.Changed;
            var step = await workflows.ChangeAsync(id, Advance, stop);
            if (step is null) return;
            LogStep(step.Name, step.Status);
            if (step.Status == StepStatus.Held) await Task.WhenAny(changed, Task.Delay(LeftOf(step), time, stop));
            else if (step.Status == StepStatus.Running) await WorkAsync(id, step.Name, stop);
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Takes the next step as far as it goes without work.</summary>
    /// <returns>The step; null: none is left, or a person has ended the run: it is finished.</returns>
    private Step? Advance(Workflow workflow, Publish publish)
    {
        if (workflow.IsFinished) return null;
        switch (workflow.Next)
        {
            case null:
                workflow.IsFinished = true;
                var (done, skipped) = (Count(workflow, StepStatus.Done), Count(workflow, StepStatus.Skipped));
                publish(RunFinished.Type, new RunFinished(done, skipped));
                publish(EventTypes.RunEnd, new RunEnd($"{done} done, {skipped} skipped"));
                return null;
            case { IsPruned: true } pruned:
                pruned.Status = StepStatus.Skipped;
                publish(StepSkipped.Type, new StepSkipped(pruned.Name));
                return pruned;
            case { Status: StepStatus.Waiting, NeedsReview: true } flagged:
                flagged.Status = StepStatus.Held;
                flagged.HeldUntil = time.GetUtcNow().AddSeconds(options.Value.ReviewSeconds).ToUnixTimeMilliseconds();
                publish(StepHeld.Type, new StepHeld(flagged.Name, flagged.Flag, options.Value.ReviewSeconds));
                return flagged;
            case { Status: StepStatus.Held, NeedsReview: true } held when LeftOf(held) > TimeSpan.Zero:
                return held;
            case { Status: StepStatus.Waiting or StepStatus.Held } next:
                next.Status = StepStatus.Running;
                publish(StepStarted.Type, new StepStarted(next.Name));
                return next;
            case var running:
                // An earlier process has begun it, and has said so.
                return running;
        }
    }

    /// <summary>Lets an agent work on a step until it is done, or people prune it.</summary>
    private async Task WorkAsync(Guid id, string name, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var work = agents.WorkAsync(name, end.Token);
        while (!work.IsCompleted)
        {
            var changed = workflows.Changed;
            if ((await workflows.FindAsync(id, stop))?.Open(name) is not { IsPruned: false })
            {
                await end.CancelAsync();
                return;
            }
            await Task.WhenAny(work, changed);
        }
        var result = await work;
        await workflows.ChangeAsync(id, (workflow, publish) => Finish(workflow.Open(name), result, publish), stop);
    }

    private static bool Finish(Step? step, string result, Publish publish)
    {
        if (step is not { IsPruned: false }) return false;
        (step.Status, step.Result) = (StepStatus.Done, result);
        publish(StepFinished.Type, new StepFinished(step.Name, result, step.Flag));
        return true;
    }

    private static int Count(Workflow workflow, StepStatus status) => workflow.Steps.Count(step => step.Status == status);

    private TimeSpan LeftOf(Step held)
    {
        var left = DateTimeOffset.FromUnixTimeMilliseconds(held.HeldUntil) - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    [LoggerMessage(LogLevel.Information, "{Step}: {Status}")]
    private partial void LogStep(string step, StepStatus status);
}
