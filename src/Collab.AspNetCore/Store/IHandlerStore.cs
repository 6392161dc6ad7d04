namespace Collab.AspNetCore.Store;

/// <summary>Where handlers stand, and which server handles which run. All times are the database's.</summary>
internal interface IHandlerStore
{
    /// <summary>How long a server may handle runs after it has renewed its lease.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>A handler is there. The first time, with <paramref name="onlyNew"/>, all runs count as handled up to now.</summary>
    ValueTask RegisterAsync(string handler, bool onlyNew, CancellationToken cancellationToken);

    /// <summary>Renews a server's lease, or begins one.</summary>
    /// <returns>Whether leases of others were found to have ended: their runs are free.</returns>
    ValueTask<bool> RenewAsync(Guid owner, CancellationToken cancellationToken);

    /// <summary>Ends a server's lease, and all its claims.</summary>
    ValueTask LeaveAsync(Guid owner, CancellationToken cancellationToken);

    /// <summary>Claims a run for a handler, unless a live server has it, or it is parked.</summary>
    ValueTask<HandlerClaim> ClaimAsync(string handler, Guid run, Guid owner, CancellationToken cancellationToken);

    /// <summary>Moves the position of a run that is claimed, and with <paramref name="release"/> lets go of it.</summary>
    /// <returns>False: the claim is another server's.</returns>
    ValueTask<bool> MoveAsync(HandlerPlace place, Guid owner, bool release, CancellationToken cancellationToken);

    /// <summary>The event after the position has failed. Without a delay the run is parked, and let go of.</summary>
    /// <returns>False: the claim is another server's.</returns>
    ValueTask<bool> FailAsync(
        HandlerPlace place, Guid owner, int attempts, string error, TimeSpan? delay, CancellationToken cancellationToken);

    /// <summary>Runs that have events after a handler's position, and that no live server handles.</summary>
    ValueTask<IReadOnlyList<Guid>> FindWorkAsync(string handler, int limit, CancellationToken cancellationToken);

    /// <summary>How each handler stands.</summary>
    ValueTask<IReadOnlyList<HandlerStanding>> GetStandingsAsync(CancellationToken cancellationToken);

    /// <summary>Runs that are parked, the longest first.</summary>
    ValueTask<IReadOnlyList<ParkedRunRow>> ListParkedAsync(string handler, int limit, CancellationToken cancellationToken);

    /// <summary>Lets a parked run go on: with the event that failed, or after it.</summary>
    /// <returns>False: it is not parked.</returns>
    ValueTask<bool> UnparkAsync(string handler, Guid run, bool skip, CancellationToken cancellationToken);
}

/// <summary>Where a handler stands in a run.</summary>
internal readonly record struct HandlerPlace(string Handler, Guid RunId, Guid Epoch, long Position);

/// <summary>What came of a claim.</summary>
/// <param name="Result">Whether it is ours.</param>
/// <param name="Epoch">The log that the position is of.</param>
/// <param name="Position">Events up to this one are handled.</param>
/// <param name="Attempts">How often the next one has failed.</param>
/// <param name="RetryIn">How long to leave it alone.</param>
internal readonly record struct HandlerClaim(
    ClaimResult Result, Guid Epoch = default, long Position = 0, int Attempts = 0, TimeSpan RetryIn = default);

internal enum ClaimResult
{
    /// <summary>It is ours.</summary>
    Claimed,

    /// <summary>A live server has it, or our own lease is not known to hold.</summary>
    Busy,

    /// <summary>It waits for an administrator.</summary>
    Parked,

    /// <summary>There is no such run.</summary>
    Missing,
}

/// <summary>How a handler stands over all runs.</summary>
/// <param name="Handler">Its name.</param>
/// <param name="Lag">Events after its positions, parked runs left out.</param>
/// <param name="ParkedRuns">How many runs are parked.</param>
/// <param name="SeenAgo">How long ago a server said that it has it.</param>
internal sealed record HandlerStanding(string Handler, long Lag, int ParkedRuns, TimeSpan SeenAgo);

/// <summary>A run that a handler has given up.</summary>
internal sealed record ParkedRunRow(Guid RunId, long Position, int Attempts, DateTime ParkedAt, string Error);
