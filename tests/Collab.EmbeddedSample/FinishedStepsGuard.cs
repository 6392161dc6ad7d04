using System.Collections.Concurrent;
using Collab.AspNetCore;
using Collab.Protocol;

namespace Collab.EmbeddedSample;

// <guardType>
internal sealed class FinishedStepsGuard(Engine engine) : IPublishGuard
{
    public async ValueTask<GuardDecision> CheckAsync(PublishContext context)
    {
        switch (context.EventType)
        {
            case EventTypes.Prune when await engine.IsFinishedAsync(context.RunId, context.As<Prune>().StepId):
                return GuardDecision.Refuse(CollabErrorCode.Forbidden, "The step is finished; it cannot be skipped any more.");
            case EventTypes.Flag when context.As<Flag>() is { Note.Length: > 200 } flag:
                return GuardDecision.Replace(flag with { Note = flag.Note[..200] });
            default:
                return GuardDecision.Allow;
        }
    }
}
// </guardType>

/// <summary>Stands for what runs the steps.</summary>
internal sealed class Engine
{
    private readonly ConcurrentDictionary<(Guid Run, string Step), bool> _finished = new();
    private readonly ConcurrentDictionary<Guid, (Guid Run, string After, string Agent)> _inserted = new();

    public void Finish(Guid runId, string step) => _finished[(runId, step)] = true;

    public void Insert(Guid runId, string after, string agentName, Guid messageId) =>
        _inserted.TryAdd(messageId, (runId, after, agentName));

    public ValueTask<bool> IsFinishedAsync(Guid runId, string step) => new(_finished.ContainsKey((runId, step)));
}
