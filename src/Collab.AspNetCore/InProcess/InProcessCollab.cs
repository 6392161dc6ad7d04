using System.Runtime.CompilerServices;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.InProcess;

/// <summary>Collab inside its application.</summary>
internal sealed class InProcessCollab(RunCalls calls, IRunStore store, Feeds feeds, ServerLimits limits, ClusterUsers users)
    : ICollab
{
    private const int PageSize = 100;

    public RunHandle Run(Guid runId) => new(calls, runId);

    public async IAsyncEnumerable<RunSummary> ListRunsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for ((DateTime, Guid)? before = null; ;)
        {
            var page = await RunCalls.AskAsync(() => ReadPageAsync(before, cancellationToken));
            foreach (var run in page) yield return SummaryOf(run);
            if (page.Count < PageSize) yield break;
            before = (page[^1].UpdatedAt, page[^1].RunId);
        }
    }

    public async ValueTask<int> DisconnectAsync(string userId, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        var ending = Ending.Of(EndingCode.Kicked, reason ?? "The application ended the connection.");
        return (await users.DisconnectAsync(userId, ending, isLocal: false, cancellationToken)).Ended;
    }

    private async ValueTask<IReadOnlyList<StoredRun>> ReadPageAsync((DateTime, Guid)? before, CancellationToken cancellationToken)
    {
        using var turn = await limits.StoreReads.TakeAsync(1, cancellationToken);
        return await store.ListAsync(new(Only: null, before, PageSize), cancellationToken);
    }

    private RunSummary SummaryOf(StoredRun run) => new(
        run.RunId, run.Epoch, run.LastSequence, UnixTime.ToMilliseconds(run.CreatedAt), UnixTime.ToMilliseconds(run.UpdatedAt),
        run.LastEvent is { } last ? RunCalls.EventOf(last) : null, feeds.Find(run.RunId)?.ActiveUsers ?? [])
    { Ended = run.IsEnded, BranchedFrom = run.BranchedFrom };
}
