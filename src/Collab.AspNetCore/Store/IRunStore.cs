using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>What every store does: PostgreSQL for any number of servers, SQLite for one.</summary>
internal interface IRunStore : IAsyncDisposable
{
    /// <summary>The configuration key that says where it is.</summary>
    string Key { get; }

    /// <summary>How many writers gain anything; each takes an appender of its own.</summary>
    int Writers { get; }

    /// <summary>Whether other servers can write to the same runs.</summary>
    bool IsShared { get; }

    /// <summary>A writer's own way in. Not for two threads at once.</summary>
    IRunAppender CreateAppender();

    /// <summary>The outbox beside the runs. Its rows are moved by one thread at a time.</summary>
    /// <param name="maxBytes">How long a row's data may be, as the text that the store makes of it, to be read at all.</param>
    /// <param name="time">For what takes longer than it should.</param>
    IOutboxStore CreateOutbox(int maxBytes, TimeProvider time);

    /// <summary>
    /// Reads a run as of one moment: where it stands, and its events after a position, newest <paramref name="keep"/> at most.
    /// </summary>
    /// <returns>A run that nothing was written to is empty, and has its epoch all the same.</returns>
    ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken);

    /// <summary>
    /// Folds a run's kept events one by one, up to the last of the moments, and keeps none of them. The moments are told where the run
    /// stands, and each state as it passes.
    /// </summary>
    ValueTask FoldAsync(Guid runId, Moments moments, CancellationToken cancellationToken);

    /// <summary>
    /// What runs have after a position each, as of one moment: the first events after it, <paramref name="limit"/> at most per run. The
    /// states are empty.
    /// </summary>
    /// <returns>Each run that was asked for, as <see cref="LoadAsync"/> would say it.</returns>
    ValueTask<IReadOnlyDictionary<Guid, RunSnapshot>> LoadAfterAsync(
        IReadOnlyList<(Guid RunId, long After)> runs, int limit, CancellationToken cancellationToken);

    /// <summary>Where runs stand; runs that are not there are left out.</summary>
    ValueTask<IReadOnlyList<RunPosition>> GetPositionsAsync(Guid[] runIds, CancellationToken cancellationToken);

    /// <summary>How many events are trimmed in one transaction at most: it keeps the run from its writers.</summary>
    const int TrimmedAtOnce = 5000;

    /// <summary>Where handlers stand.</summary>
    IHandlerStore Handlers { get; }

    /// <summary>Deletes all but the newest events of a run and folds what goes into its state, in one transaction.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="keep">How many are kept in any case.</param>
    /// <param name="slack">How many more are kept for a handler that has not come to them yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were deleted.</returns>
    ValueTask<int> TrimAsync(Guid runId, int keep, int slack, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes everything in a run. Its row stays, empty and with a new epoch, so that its next log cannot be taken for the old one.
    /// </summary>
    ValueTask EraseAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>
    /// Begins a run as a copy of another as it was after an event: the newest <paramref name="keep"/> events up to it, with their numbers
    /// and ids, and what those before them add up to. All in one transaction; the events do not leave the store. The copy has an epoch of
    /// its own, and handlers begin after it.
    /// </summary>
    ValueTask<BranchOutcome> BranchAsync(Branch branch, int keep, CancellationToken cancellationToken);

    /// <summary>Checks what signs a run, row by row, as of one moment. Only where there are keys.</summary>
    ValueTask<VerifyResult> VerifyAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Gives every run another epoch: the store was restored, and clients may have seen what is not in it any more.</summary>
    ValueTask RenewEpochsAsync(CancellationToken cancellationToken);

    /// <summary>Runs by newest activity; erased ones are left out.</summary>
    ValueTask<IReadOnlyList<StoredRun>> ListAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// The key that seals positions in <see cref="ListAsync"/> for clients: all servers of the store have it, and nobody else.
    /// </summary>
    ValueTask<byte[]> GetCursorKeyAsync(CancellationToken cancellationToken);

    /// <summary>Makes the store this server's, or one of this server's. Before anything else, and once.</summary>
    /// <exception cref="StoreUnusableException">It cannot be used as it is set up.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Brings the schema up to date. Where nothing is missing, nothing is written.</summary>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Throws if the store cannot be read and written as a server needs it.</summary>
    ValueTask CheckAsync(CancellationToken cancellationToken);
}

/// <summary>Commits batches, one at a time.</summary>
internal interface IRunAppender : IAsyncDisposable
{
    /// <summary>Commits a batch as one. The events of a run are numbered in the order of the batch.</summary>
    /// <returns>What the log has for each append, in their order. Good until the next call.</returns>
    /// <exception cref="StoreException">Nothing of the batch is known to be committed.</exception>
    ValueTask<IReadOnlyList<Appended>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken);
}

/// <summary>
/// A run as of one moment. <paramref name="State"/> is folded up to the last of <paramref name="Events"/>, if they were read from the first
/// kept one.
/// </summary>
internal sealed record RunSnapshot(
    Guid Epoch, long LastSequence, long FoldedSequence, StateFold State, IReadOnlyCollection<LoggedEvent> Events)
{
    /// <summary>What the run began as a copy of; null: of nothing.</summary>
    public BranchOrigin? BranchedFrom { get; init; }

    /// <summary>An event has closed the run: there will be no other.</summary>
    public bool HasEnded => State.HasEnded;

    /// <summary>A run that nothing was written to.</summary>
    public static RunSnapshot Empty(Guid epoch, StateShape? shape = null) => new(epoch, 0, 0, new(null, shape), []);
}

/// <summary>Where a run stands.</summary>
internal readonly record struct RunPosition(Guid RunId, Guid Epoch, long LastSequence);

/// <summary>A run in a list, with its newest event.</summary>
internal sealed record StoredRun(
    Guid RunId, Guid Epoch, long LastSequence, DateTime CreatedAt, DateTime UpdatedAt, LoggedEvent? LastEvent, bool IsEnded,
    BranchOrigin? BranchedFrom);

/// <summary>Which runs to list: those older than a position, of a set of ids or of all.</summary>
internal sealed record RunQuery(IReadOnlyCollection<Guid>? Only, (DateTime UpdatedAt, Guid RunId)? Before, int Limit)
{
    /// <summary>Only those that have ended, or only those that go on; null: both.</summary>
    public bool? Ended { get; init; }
}

/// <summary>A store that cannot be used as it is set up; trying again changes nothing.</summary>
internal sealed class StoreUnusableException(string sentence) : Exception(sentence);

/// <summary>Why a store refused.</summary>
internal enum StoreFailure
{
    /// <summary>It cannot be reached, or cannot write now. What was sent may or may not be committed.</summary>
    Unavailable,

    /// <summary>It will not take this data, now or later.</summary>
    Rejected,

    /// <summary>Another session has locked a run that was to be written. Nothing was committed.</summary>
    Locked,
}

/// <summary>A store's failure, whatever its kind.</summary>
internal sealed class StoreException(StoreFailure failure, Exception cause)
    : Exception($"The store failed ({failure}): {cause.Message}", cause)
{
    public StoreFailure Failure { get; } = failure;

    /// <summary>If it is <see cref="StoreFailure.Locked"/>: the runs that are, as far as it can be seen.</summary>
    public IReadOnlyCollection<Guid> LockedRuns { get; init; } = [];
}
