namespace Collab.AspNetCore.Store;

/// <summary>What applications have inserted for the logs of runs, in transactions of their own.</summary>
internal interface IOutboxStore : IAsyncDisposable
{
    /// <summary>Whether something waits, apart from some runs; asked often, and cheap.</summary>
    ValueTask<bool> HasWaitingAsync(IReadOnlyCollection<Guid> apartFrom, CancellationToken cancellationToken);

    /// <summary>
    /// Moves the first of what waits into the logs, in one transaction: what is in the outbox is not in a log, and the other way round.
    /// </summary>
    /// <exception cref="StoreException">Nothing is known to be moved.</exception>
    ValueTask<OutboxPass> DrainAsync(OutboxRequest request, OutboxJudge judge, CancellationToken cancellationToken);

    /// <summary>How much is in it, up to a bound that is cheap to count to.</summary>
    ValueTask<OutboxDepth> GetDepthAsync(CancellationToken cancellationToken);

    /// <summary>Those that cannot be published, oldest first.</summary>
    ValueTask<IReadOnlyList<OutboxEntry>> ListFailedAsync(int offset, int limit, CancellationToken cancellationToken);

    /// <summary>Lets one that failed be tried again.</summary>
    /// <returns>False: there is none of this id.</returns>
    ValueTask<bool> RetryAsync(long id, CancellationToken cancellationToken);

    /// <summary>Deletes one that failed.</summary>
    /// <returns>False: there is none of this id.</returns>
    ValueTask<bool> DropAsync(long id, CancellationToken cancellationToken);
}

/// <summary>What to move.</summary>
/// <param name="Timestamp">The time that all of them get, Unix milliseconds.</param>
/// <param name="ApartFrom">Runs to leave out, for they are held.</param>
/// <param name="Only">A run to move alone, waiting for its row; null: all, and none is waited for.</param>
internal readonly record struct OutboxRequest(long Timestamp, IReadOnlyCollection<Guid> ApartFrom, Guid? Only = null);

/// <summary>Whether a row can be published: what to append, or why not.</summary>
internal delegate (Append Append, string? Problem) OutboxJudge(in OutboxCandidate row);

/// <summary>A row of the outbox before it is checked. <paramref name="Data"/> is null where it is far too large.</summary>
internal readonly record struct OutboxCandidate(
    long Id, Guid RunId, Guid MessageId, string EventType, string UserId, string? UserName, byte[]? Data);

/// <summary>What came of an attempt to move the first rows.</summary>
/// <param name="Appends">What was moved.</param>
/// <param name="Answers">What the logs have for each.</param>
/// <param name="Failed">Rows that cannot be published, and why.</param>
/// <param name="Held">Runs whose rows another session holds; theirs are where they were.</param>
/// <param name="IsFull">There may be more.</param>
internal sealed record OutboxPass(
    IReadOnlyList<Append> Appends, IReadOnlyList<Appended> Answers, IReadOnlyList<(long Id, string Problem)> Failed,
    IReadOnlyCollection<Guid> Held, bool IsFull)
{
    /// <summary>There was nothing, or another server is at it.</summary>
    public static OutboxPass Nothing { get; } = new([], [], [], [], IsFull: false);
}

/// <summary>How much is in the outbox.</summary>
/// <param name="Count">How many wait.</param>
/// <param name="OldestAt">Since when the first of them does.</param>
/// <param name="SetAside">How many cannot be published.</param>
internal readonly record struct OutboxDepth(int Count, DateTime? OldestAt, int SetAside)
{
    /// <summary>How long the first of them has waited. The row was stamped by another clock, which may be ahead.</summary>
    public TimeSpan? AgeAt(DateTimeOffset now) =>
        OldestAt is not { } oldest ? null : now.UtcDateTime > oldest ? now.UtcDateTime - oldest : TimeSpan.Zero;
}

/// <summary>One that cannot be published.</summary>
internal sealed record OutboxEntry(
    long Id, Guid RunId, Guid MessageId, string EventType, string UserId, DateTime CreatedAt, DateTime FailedAt, string Error);
