using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.UnitTests.Kit;

namespace Collab.UnitTests.Cluster;

/// <summary>The one truth of the servers of a test.</summary>
internal sealed class SharedLog : EmptyStore, IRunStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<LoggedEvent>> _runs = [];

    bool IRunStore.IsShared => true;

    public Commit Append(Guid runId, string userId)
    {
        lock (_gate)
        {
            if (!_runs.TryGetValue(runId, out var log)) _runs.Add(runId, log = []);
            var e = new LoggedEvent(
                runId, log.Count + 1, EventTypes.Flag, userId, userName: null, 1_760_000_000_000, Guid.NewGuid(), """{"stepId":"PM"}"""u8);
            log.Add(e);
            return new(runId, Some.Epoch, e);
        }
    }

    public IReadOnlyList<LoggedEvent> Of(Guid runId)
    {
        lock (_gate) return [.. _runs.GetValueOrDefault(runId) ?? []];
    }

    public override ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken)
    {
        var all = Of(runId);
        var state = new StateFold();
        foreach (var e in all) state.Apply(e);
        return new(new RunSnapshot(Some.Epoch, all.Count, FoldedSequence: 0, state, [.. all.Skip((int)after)]));
    }

    ValueTask<IReadOnlyList<RunPosition>> IRunStore.GetPositionsAsync(Guid[] runIds, CancellationToken cancellationToken) =>
        new([.. runIds.Select(run => new RunPosition(run, Some.Epoch, Of(run).Count)).Where(p => p.LastSequence > 0)]);
}
