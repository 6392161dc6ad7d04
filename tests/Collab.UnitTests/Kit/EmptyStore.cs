using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.UnitTests.Kit;

/// <summary>A store for parts that never read: there is nothing in it.</summary>
internal class EmptyStore : IRunStore
{
    public string Key => "Collab:Store";

    public int Writers => 1;

    public bool IsShared => false;

    public IRunAppender CreateAppender() => new ScriptedAppender();

    public IHandlerStore Handlers => throw new NotSupportedException();

    public virtual IOutboxStore CreateOutbox(int maxBytes, TimeProvider time) => throw new NotSupportedException();

    public virtual ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken) => new(RunSnapshot.Empty(Some.Epoch));

    public virtual ValueTask FoldAsync(Guid runId, Moments moments, CancellationToken cancellationToken)
    {
        moments.Found(Some.Epoch, 0, 0);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyDictionary<Guid, RunSnapshot>> LoadAfterAsync(
        IReadOnlyList<(Guid RunId, long After)> runs, int limit, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, RunSnapshot>();
        foreach (var (run, after) in runs) found[run] = await LoadAsync(run, after, limit, cancellationToken);
        return found;
    }

    public ValueTask<IReadOnlyList<RunPosition>> GetPositionsAsync(Guid[] runIds, CancellationToken cancellationToken) => new([]);

    public virtual ValueTask<int> TrimAsync(Guid runId, int keep, int slack, CancellationToken cancellationToken) => new(0);

    public ValueTask<VerifyResult> VerifyAsync(Guid runId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask RenewEpochsAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask EraseAsync(Guid runId, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<BranchOutcome> BranchAsync(Branch branch, int keep, CancellationToken cancellationToken) => new(new BranchOutcome(BranchKind.NotKept));

    public ValueTask<IReadOnlyList<StoredRun>> ListAsync(RunQuery query, CancellationToken cancellationToken) => new([]);

    public ValueTask<byte[]> GetCursorKeyAsync(CancellationToken cancellationToken) => new(new byte[32]);

    public virtual Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task MigrateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual ValueTask CheckAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
