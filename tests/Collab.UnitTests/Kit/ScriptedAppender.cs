using Collab.AspNetCore.Store;
using Collab.TestKit;

namespace Collab.UnitTests.Kit;

/// <summary>An appender that fails when it is told to, in ways that a database cannot be made to at will.</summary>
internal sealed class ScriptedAppender : IRunAppender
{
    private readonly Dictionary<Guid, long> _stored = [];
    private readonly Queue<Outcome> _script = new();
    private TaskCompletionSource? _hold;

    public enum Outcome
    {
        Commits,
        CommitsWithoutAnswer,
        Fails,
    }

    /// <summary>What happens when the script has ended.</summary>
    public volatile Outcome Otherwise;

    /// <summary>A batch with this event is rejected.</summary>
    public Guid Poison { get; set; }

    /// <summary>A batch with one of these runs waits in vain for its row.</summary>
    public HashSet<Guid> Locked { get; } = [];

    /// <summary>After how many attempts nothing is locked any more.</summary>
    public int UnlocksAfter { get; set; } = int.MaxValue;

    /// <summary>Whether the store can tell which runs are locked.</summary>
    public bool SeesLocks { get; set; } = true;

    /// <summary>The ids of each attempt, in order.</summary>
    public Arrivals<Guid[]> Attempts { get; } = new();

    public bool IsDisposed { get; private set; }

    public void Then(params Outcome[] outcomes)
    {
        foreach (var outcome in outcomes) _script.Enqueue(outcome);
    }

    /// <summary>Keeps the next attempt waiting until the result is disposed.</summary>
    public TaskCompletionSource Hold() => _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask<IReadOnlyList<Appended>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        Attempts.Add([batch.Appends.Select(a => a.MessageId).ToArray()]);
        if (_hold is { } hold)
        {
            await hold.Task;
            _hold = null;
        }
        if (batch.Appends.Any(a => a.MessageId == Poison)) throw new StoreException(StoreFailure.Rejected, new InvalidOperationException("poison"));
        if (Attempts.All.Length <= UnlocksAfter && batch.Appends.Any(a => Locked.Contains(a.RunId)))
            throw new StoreException(StoreFailure.Locked, new TimeoutException("locked")) { LockedRuns = SeesLocks ? Locked : [] };
        var outcome = _script.TryDequeue(out var next) ? next : Otherwise;
        var answers = outcome == Outcome.Fails ? [] : Store(batch);
        return outcome == Outcome.Commits ? answers : throw new StoreException(StoreFailure.Unavailable, new TimeoutException("no answer"));
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    private Appended[] Store(AppendBatch batch) =>
    [
        .. batch.Appends.Select(append =>
        {
            var isNew = _stored.TryAdd(append.MessageId, _stored.Count + 1);
            return new Appended(_stored[append.MessageId], batch.Timestamp, Some.Epoch, isNew ? Found.Nothing : Found.Itself);
        }),
    ];
}
